/** Large files, read once from front to back: a download or a file on this device. */

import { sha256 } from "@noble/hashes/sha2.js";
import { toHex, type Bytes } from "./bytes";
import { rejected } from "./errors";

export interface ByteStream {
  readonly name: string;
  /** Where it is known beforehand. */
  readonly size: number | null;
  read(): AsyncIterable<Bytes>;
}

/** Called now and then with the bytes read so far; awaited, so that a page can draw and a check can be stopped. */
export type Progress = (name: string, done: number, total: number) => Promise<void>;

const PIECE = 2 ** 17;

/**
 * Hand every piece of `stream` to `take` while its SHA-256 is computed.
 *
 * What `take` throws is kept until the end: a damaged file is told apart from a wrong one that was signed. Throws
 * Rejected (E_BINDING) where the digest is another, else what `take` threw first.
 */
export async function readSigned(
  stream: ByteStream,
  digest: string,
  total: number,
  progress: Progress,
  take: (piece: Bytes) => void,
): Promise<void> {
  const hasher = sha256.create();
  const failures: unknown[] = [];
  let done = 0;
  for await (const whole of stream.read()) {
    for (let start = 0; start < whole.length; start += PIECE) {
      const piece = whole.subarray(start, start + PIECE);
      hasher.update(piece);
      if (failures.length === 0) attempt(() => take(piece), failures);
      done += piece.length;
      await progress(stream.name, done, total);
    }
  }
  requireDigest(stream.name, toHex(hasher.digest()), digest);
  if (failures.length > 0) throw failures[0];
}

export function requireDigest(name: string, found: string, expected: string): void {
  if (found === expected) return;
  const facts = { where: name, code: "E_BINDING", step: "5.1", expected, found };
  throw rejected("this is not the file that was signed", facts);
}

function attempt(action: () => void, failures: unknown[]): void {
  try {
    action();
  } catch (error) {
    failures.push(error);
  }
}
