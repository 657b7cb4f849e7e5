/** The signed book: signature first, then what was signed, then the schema it names (docs/protocol.md, 5 step 1). */

import { attestationFromPayload, PAYLOAD_TYPE, requireSchema } from "./attestation";
import type { Bytes } from "./bytes";
import { envelopeFromBytes, requireSignature, type Envelope } from "./dsse";
import { signedContent } from "./errors";
import type { Book } from "./inclusion";
import { schemaFromBytes, type Schema } from "./schema";

export const ATTESTATION = "attestation.json";

export function readEnvelope(data: Bytes): Envelope {
  return envelopeFromBytes(data, PAYLOAD_TYPE, ATTESTATION);
}

/** Throws Malformed or Rejected. */
export function openBook(envelope: Envelope, schema: Schema, exchangeKey: Bytes): Book {
  requireSignature(envelope, exchangeKey, ATTESTATION);
  const attestation = signedContent(() => attestationFromPayload(envelope.payload));
  requireSchema(attestation, schema);
  return { attestation, schema, payload: envelope.digest };
}

/** The same from the two published files. */
export function openBookFiles(attestationFile: Bytes, schemaFile: Bytes, exchangeKey: Bytes): Book {
  const envelope = readEnvelope(attestationFile);
  requireSignature(envelope, exchangeKey, ATTESTATION);
  return openBook(envelope, schemaFromBytes(schemaFile), exchangeKey);
}

/** Who the book says it is of, before anything is verified: only good for looking up the key to verify it with. */
export function claimedExchange(envelope: Envelope): string {
  return attestationFromPayload(envelope.payload).exchange;
}
