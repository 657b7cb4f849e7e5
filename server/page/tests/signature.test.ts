/** One message, one key, one signature: spellings that other implementations accept are refused. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concat, fromInteger, toInteger, utf8, type Bytes } from "../src/core/bytes";
import { verifySignature } from "../src/core/signature";

const { Point } = ed25519;
const L = Point.Fn.ORDER;
const SECRET = new Uint8Array(32).fill(9);
const KEY = ed25519.getPublicKey(SECRET);
const MESSAGE = utf8("a book");
const SIGNATURE = ed25519.sign(MESSAGE, SECRET);

const little = (value: bigint): Bytes => fromInteger(value, 32).reverse();
const big = (data: Bytes): bigint => toInteger(Uint8Array.from(data).reverse());

test("the signature itself is accepted", () => {
  assert.ok(verifySignature(KEY, MESSAGE, SIGNATURE));
});

test("every single bit of it counts", () => {
  for (let bit = 0; bit < 512; bit += 1) {
    const changed = Uint8Array.from(SIGNATURE);
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    assert.ok(!verifySignature(KEY, MESSAGE, changed), `bit ${bit}`);
  }
});

test("S plus the order", () => {
  const S = big(SIGNATURE.subarray(32)) + L;
  assert.ok(!verifySignature(KEY, MESSAGE, concat(SIGNATURE.subarray(0, 32), little(S))));
});

test("a signature that holds only after multiplying by the cofactor", () => {
  const { scalar, pointBytes } = ed25519.utils.getExtendedPublicKey(SECRET);
  const torsion = Point.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");
  assert.ok(torsion.isSmallOrder());
  const nonce = 12345n;
  const R = Point.BASE.multiply(nonce).add(torsion).toBytes();
  const k = big(sha512(concat(R, pointBytes, MESSAGE))) % L;
  const forged = concat(R, little((nonce + k * scalar) % L));
  assert.ok(ed25519.verify(forged, MESSAGE, KEY, { zip215: false }), "the other rule accepts it, so this tests something");
  assert.ok(!verifySignature(KEY, MESSAGE, forged));
});

test("keys and signatures of another length, and keys that are no point", () => {
  assert.ok(!verifySignature(KEY.subarray(1), MESSAGE, SIGNATURE));
  assert.ok(!verifySignature(KEY, MESSAGE, SIGNATURE.subarray(1)));
  const outside = Array.from({ length: 50 }, (_, i) => new Uint8Array(32).fill(i + 2)).filter((key) => !isPoint(key));
  assert.ok(outside.length > 10);
  for (const key of outside) assert.ok(!verifySignature(key, MESSAGE, SIGNATURE));
});

function isPoint(key: Bytes): boolean {
  try {
    Point.fromBytes(key);
    return true;
  } catch {
    return false;
  }
}
