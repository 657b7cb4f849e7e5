/** Files that the customer chose, dropped or pasted, told apart by what is in them. */

import { BUNDLE_TYPE } from "../core/bundle";
import { utf8, type Bytes } from "../core/bytes";
import { parse, type Json } from "../core/canonical";
import { unavailable } from "../core/errors";
import type { ByteStream } from "../core/streams";

const MAX_DOCUMENT = 16 * 2 ** 20;

/** What was brought: a saved row, documents beside it, or a whole downloaded book. */
export interface Intake {
  bundle: Bytes | null;
  attestation: Bytes | null;
  schema: Bytes | null;
  leaves: ByteStream | null;
  sealed: ByteStream | null;
}

export async function takeIn(files: readonly File[], pasted: string): Promise<Intake> {
  const intake: Intake = { bundle: null, attestation: null, schema: null, leaves: null, sealed: null };
  for (const file of files) {
    if (file.name.endsWith("leaves.bin")) intake.leaves = fileStream(file, "leaves.bin");
    else if (file.name.endsWith("sealed.bin")) intake.sealed = fileStream(file, "sealed.bin");
    else place(intake, await content(file), file.name);
  }
  const text = pasted.trim();
  if (text !== "") place(intake, utf8(text), "text");
  return intake;
}

/** A document goes where its type says; what cannot be read is taken for a damaged saved row. */
function place(intake: Intake, data: Bytes, name: string): void {
  const kind = kindOf(data);
  if (kind === null) {
    throw unavailable("neither a saved row nor part of a book", { where: name, code: "E_NOT_A_BUNDLE" });
  }
  intake[kind] = data;
}

function kindOf(data: Bytes): "bundle" | "attestation" | "schema" | null {
  let document: Json;
  try {
    document = parse(data, "file");
  } catch {
    return data[0] === 0x7b ? "bundle" : null; // "{"
  }
  if (!(document instanceof Map)) return null;
  if (document.has("payloadType")) return "attestation";
  const type: unknown = document.get("type");
  if (type === "solvent:schema/v1") return "schema";
  return type === BUNDLE_TYPE ? "bundle" : null;
}

async function content(file: File): Promise<Bytes> {
  if (file.size > MAX_DOCUMENT) {
    throw unavailable("too large for a saved row", { where: file.name, code: "E_NOT_A_BUNDLE" });
  }
  return new Uint8Array(await readable(file, () => file.arrayBuffer()));
}

function fileStream(file: File, name: string): ByteStream {
  return {
    name,
    size: file.size,
    async *read() {
      const step = 2 ** 20;
      for (let start = 0; start < file.size; start += step) {
        yield new Uint8Array(await readable(file, () => file.slice(start, start + step).arrayBuffer()));
      }
    },
  };
}

async function readable<T>(file: File, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch {
    throw unavailable("this device cannot read the file", { where: file.name, code: "E_FILE" });
  }
}
