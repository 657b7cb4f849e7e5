/** Signed envelopes: DSSE with Ed25519, in canonical form (docs/protocol.md, statements). */

import { concat, fromBase64, toHex, utf8, type Bytes } from "./bytes";
import { decode, type Json } from "./canonical";
import { malformed, rejected } from "./errors";
import * as fields from "./fields";
import { digestOf } from "./hashing";
import { sha256 } from "@noble/hashes/sha2.js";
import { verifySignature } from "./signature";

const MAX_SIGNATURES = 64;

/** A payload and its signatures, sorted by keyid; nothing is verified yet. */
export interface Envelope {
  readonly payloadType: string;
  readonly payload: Bytes;
  readonly signatures: ReadonlyMap<string, Bytes>;
  /** SHA-256 of the payload, hex. */
  readonly digest: string;
}

export function envelopeFromBytes(data: Bytes, payloadType: string, where: string): Envelope {
  return envelopeFromJson(decode(data, where), payloadType, where);
}

/** Parse a decoded envelope that must be of `payloadType`. Throws Malformed. */
export function envelopeFromJson(document: Json, payloadType: string, where: string): Envelope {
  const parts = fields.members(document, where, ["payload", "payloadType", "signatures"]);
  fields.constant(parts.get("payloadType"), parts.at("payloadType"), payloadType);
  const listed = fields.items(parts.get("signatures"), parts.at("signatures"), MAX_SIGNATURES);
  const signatures = listed.map((item, i) => signature(item, `${where}: signatures[${i}]`));
  const keyids = signatures.map(([keyid]) => keyid);
  if (keyids.some((keyid, i) => i > 0 && keyid <= (keyids[i - 1] as string))) {
    throw malformed("signatures are not sorted by keyid, or one stands twice", { where, code: "E_FIELD" });
  }
  const payload = fromBase64(parts.get("payload"), parts.at("payload"));
  return { payloadType, payload, signatures: new Map(signatures), digest: digestOf(payload) };
}

/** Throws Rejected (E_SIG_THRESHOLD) unless `publicKey` signed. */
export function requireSignature(envelope: Envelope, publicKey: Bytes, where: string): void {
  const signed = envelope.signatures.get(keyId(publicKey));
  const facts = {
    where,
    code: "E_SIG_THRESHOLD",
    step: "5.1",
    expected: keyId(publicKey),
    found: [...envelope.signatures.keys()].join(" "),
  };
  if (signed === undefined) throw rejected("it is not signed by the key you trust", facts);
  if (!verifySignature(publicKey, preAuthenticationEncoding(envelope), signed)) {
    throw rejected("a signature is wrong", facts);
  }
}

/** SHA-256 of the raw public key, hex; only a hint where to look. */
export function keyId(publicKey: Bytes): string {
  return toHex(sha256(publicKey));
}

/** The bytes that are signed (DSSE version 1). */
export function preAuthenticationEncoding({ payloadType, payload }: Pick<Envelope, "payloadType" | "payload">): Bytes {
  const kind = utf8(payloadType);
  return concat(utf8(`DSSEv1 ${kind.length} `), kind, utf8(` ${payload.length} `), payload);
}

function signature(item: Json, where: string): readonly [string, Bytes] {
  const parts = fields.members(item, where, ["keyid", "sig"]);
  const data = fromBase64(parts.get("sig"), parts.at("sig"));
  if (data.length !== 64) {
    throw malformed(`a signature has 64 bytes, not ${data.length}`, { where, code: "E_TYPE" });
  }
  return [fields.digest(parts.get("keyid"), parts.at("keyid")), data];
}
