/**
 * Ed25519 as RFC 8032 without the cofactor: S < L, and R is compared byte by byte, as OpenSSL does.
 *
 * A verifier that multiplies by the cofactor accepts signatures that others refuse; whoever holds the signing key
 * could make one that only some readers accept.
 */

import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concat, equal, toInteger, type Bytes } from "./bytes";

const Curve = ed25519.Point;
const L = Curve.Fn.ORDER;
const { x, y } = Curve.BASE.toAffine();
/** B once more: the library's own makes large tables at its first use, which one signature does not repay. */
const BASE = Curve.fromAffine({ x, y });

/** Whether `signature` (64 bytes) is one of `message` under `publicKey` (32 bytes). */
export function verifySignature(publicKey: Bytes, message: Bytes, signature: Bytes): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const R = signature.subarray(0, 32);
  const S = littleEndian(signature.subarray(32));
  if (S >= L) return false;
  try {
    const A = Curve.fromBytes(publicKey);
    const k = littleEndian(sha512(concat(R, publicKey, message))) % L;
    const expected = BASE.multiplyUnsafe(S).add(A.negate().multiplyUnsafe(k));
    return equal(expected.toBytes(), R);
  } catch {
    return false; // the key is no point
  }
}

function littleEndian(data: Bytes): bigint {
  return toInteger(Uint8Array.from(data).reverse());
}
