/** Tagged hashes (docs/protocol.md, section 1). */

import { sha256 } from "@noble/hashes/sha2.js";
import { concat, toHex, toInteger, utf8, type Bytes } from "./bytes";

export const PROTOCOL = "solvent/1";
export const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

const prefixes = new Map<string, Bytes>();

function prefix(tag: string): Bytes {
  const known = prefixes.get(tag);
  if (known !== undefined) return known;
  const hash = sha256(utf8(`${PROTOCOL}/${tag}`));
  const made = concat(hash, hash);
  prefixes.set(tag, made);
  return made;
}

/** SHA256(SHA256(T) || SHA256(T) || message), T = "solvent/1/" + tag. */
export function tagged(tag: string, message: Bytes): Bytes {
  return sha256(concat(prefix(tag), message));
}

/** A scalar: 512 hashed bits reduced mod n. */
export function wide(tag: string, message: Bytes): bigint {
  const halves = [0, 1].map((last) => tagged(tag, concat(message, Uint8Array.of(last))));
  return toInteger(concat(...halves)) % N;
}

/** SHA-256 in hex. */
export function digestOf(data: Bytes): string {
  return toHex(sha256(data));
}
