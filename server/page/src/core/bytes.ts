/** Bytes: hex, base64, big-endian integers, joining (docs/protocol.md, section 1). */

import { malformed } from "./errors";

export type Bytes = Uint8Array;

const HEX = /^(?:[0-9a-f]{2})*$/;

export function concat(...parts: readonly Bytes[]): Bytes {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let position = 0;
  for (const part of parts) {
    joined.set(part, position);
    position += part.length;
  }
  return joined;
}

export function equal(a: Bytes, b: Bytes): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

export function toHex(data: Bytes): string {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Lower-case hex, or null. */
export function fromHex(text: string): Bytes | null {
  if (!HEX.test(text)) return null;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

/** Big-endian, `length` bytes; the value is known to fit. */
export function fromInteger(value: bigint, length: number): Bytes {
  const data = new Uint8Array(length);
  for (let i = length - 1; i >= 0; i -= 1) {
    data[i] = Number(value & 0xffn);
    value >>= 8n;
  }
  return data;
}

export function toInteger(data: Bytes): bigint {
  return data.length === 0 ? 0n : BigInt(`0x${toHex(data)}`);
}

export function u16(value: number): Bytes {
  return fromInteger(BigInt(value), 2);
}

export function u32(value: number): Bytes {
  return fromInteger(BigInt(value), 4);
}

export function u64(value: number): Bytes {
  return fromInteger(BigInt(value), 8);
}

export function toBase64(data: Bytes): string {
  const text = Array.from({ length: Math.ceil(data.length / 8192) }, (_, i) =>
    String.fromCharCode(...data.subarray(8192 * i, 8192 * (i + 1))),
  );
  return btoa(text.join(""));
}

/** Canonical standard base64: decoded, encoded again, compared. Throws Malformed (E_TYPE). */
export function fromBase64(value: unknown, where: string): Bytes {
  const data = typeof value === "string" ? decoded(value) : null;
  if (data === null || toBase64(data) !== value) {
    throw malformed("should be standard base64 with padding", { where, code: "E_TYPE" });
  }
  return data;
}

function decoded(text: string): Bytes | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}
