/** Known answers of vectors/primitives.json, one test per kind. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { accountBytes, readAccountKey, rowId, rowSalt } from "../src/core/accounts";
import { formatAmount, parseAmount } from "../src/core/amounts";
import { fromHex, toHex, toInteger, utf8, type Bytes } from "../src/core/bytes";
import { encode, parse } from "../src/core/canonical";
import { keyId, preAuthenticationEncoding } from "../src/core/dsse";
import { blinded, generator, pointFromBytes, pointToBytes, type Point } from "../src/core/group";
import { tagged, wide } from "../src/core/hashing";
import { commitRow } from "../src/core/inclusion";
import { schemaFromBytes } from "../src/core/schema";
import { openRecord } from "../src/core/sealed";
import { SealedFile } from "../src/core/sealedFile";
import { verifySignature } from "../src/core/signature";
import { foldPath, leaf, siblingSides } from "../src/core/tree";
import { load } from "./inputs";

interface Primitives {
  readonly tagged: readonly { tag: string; message: string; hash: string }[];
  readonly wide: readonly { tag: string; message: string; scalar: string }[];
  readonly generators: Readonly<Record<string, string>>;
  readonly jcs: readonly { input: string; canonical: string }[];
  readonly amounts: readonly { text: string; decimals: number; units: string }[];
  readonly account_ids: readonly { typed: string; bytes: string }[];
  readonly contexts: readonly { preimage: string; ctx: string }[];
  readonly commitments: readonly { value: string; gamma: string; point: string }[];
  readonly accounts: Readonly<Record<"account_id" | "account_key" | "account_key_text" | "ctx" | "salt" | "row_id", string>>;
  readonly dsse: Readonly<Record<"keyid" | "payload" | "payload_type" | "public_key" | "signature" | "signed_bytes", string>>;
  readonly tree_sides: readonly { index: number; count: number; sides: string[] }[];
  readonly tree: {
    readonly ctx: string;
    readonly row_id: string;
    readonly rows: readonly { cell: number; blinding: number }[];
    readonly leaves: readonly { C: string; h: string }[];
    readonly root: { readonly C: string; readonly h: string };
  };
  readonly sealed: {
    readonly account_key: string;
    readonly ctx: string;
    readonly commitment: string;
    readonly index: number;
    readonly file_of_first: string;
    readonly records: readonly { blinding: string; cells: readonly [number, string][]; record: string }[];
  };
}

const known = load<Primitives>("primitives.json");

function bytes(hex: string): Bytes {
  const data = fromHex(hex);
  assert.ok(data, hex);
  return data;
}

const point = (hex: string): Point => pointFromBytes(bytes(hex), "vector");
const column = '{"columns":[{"asset":"BTC","bits":8,"decimals":0,"kind":"balance","name":"BTC"}],"policy":"","prices":"","rules":[],"scenarios":"","type":"solvent:schema/v1"}';

test("tagged hashes", () => {
  for (const { tag, message, hash } of known.tagged) assert.equal(toHex(tagged(tag, bytes(message))), hash);
});

test("wide scalars", () => {
  for (const { tag, message, scalar } of known.wide) {
    assert.equal(wide(tag, bytes(message)).toString(16).padStart(64, "0"), scalar);
  }
});

test("generators", () => {
  assert.ok(Object.keys(known.generators).length > 100);
  for (const [label, hex] of Object.entries(known.generators)) assert.equal(toHex(pointToBytes(generator(label))), hex);
});

test("commitments to one number", () => {
  for (const { value, gamma, point: expected } of known.commitments) {
    const G = point("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
    const sum = G.multiplyUnsafe(BigInt(value)).add(blinded(toInteger(bytes(gamma))));
    assert.equal(toHex(pointToBytes(sum)), expected);
  }
});

test("canonical JSON", () => {
  for (const { input, canonical } of known.jcs) {
    assert.equal(new TextDecoder().decode(encode(parse(utf8(input), "vector"))), canonical);
  }
});

test("contexts", () => {
  for (const { preimage, ctx } of known.contexts) {
    assert.equal(toHex(tagged("context", encode(parse(utf8(preimage), "vector")))), ctx);
  }
});

test("amounts, there and back", () => {
  for (const { text, decimals, units } of known.amounts) {
    assert.equal(parseAmount(text, decimals, "vector"), BigInt(units));
    assert.equal(formatAmount(BigInt(units), decimals), text);
  }
});

test("account ids, keys, salts", () => {
  for (const { typed, bytes: expected } of known.account_ids) assert.equal(toHex(accountBytes(typed)), expected);
  const { account_id, account_key, account_key_text, ctx, salt, row_id } = known.accounts;
  const key = readAccountKey(account_key_text);
  assert.equal(toHex(key), account_key);
  assert.equal(toHex(rowSalt(key, bytes(ctx))), salt);
  assert.equal(toHex(rowId(bytes(salt), accountBytes(account_id))), row_id);
});

test("an envelope's signed bytes and signature", () => {
  const { payload_type: payloadType, payload, public_key, signature, keyid, signed_bytes } = known.dsse;
  const message = preAuthenticationEncoding({ payloadType, payload: utf8(payload) });
  assert.equal(toHex(message), signed_bytes);
  assert.equal(keyId(bytes(public_key)), keyid);
  assert.ok(verifySignature(bytes(public_key), message, bytes(signature)));
});

test("the sides of a path", () => {
  for (const { index, count, sides } of known.tree_sides) assert.deepEqual(siblingSides(index, count), sides);
});

test("a tree of two rows", () => {
  const { tree } = known;
  const schema = schemaFromBytes(utf8(column));
  const nodes = tree.rows.map(({ cell, blinding }, j) => {
    const C = commitRow(schema, { cells: new Map([[0, BigInt(cell)]]), blinding: BigInt(blinding) });
    return leaf(bytes(tree.ctx), j, C, bytes(tree.row_id));
  });
  nodes.forEach(({ C, h }, j) => assert.deepEqual({ C: toHex(pointToBytes(C)), h: toHex(h) }, tree.leaves[j]));
  const [first, second] = nodes;
  assert.ok(first && second);
  const root = foldPath(first, 0, 2, [second]);
  assert.deepEqual({ C: toHex(pointToBytes(root.C)), h: toHex(root.h) }, tree.root);
});

test("sealed records", () => {
  const { sealed } = known;
  for (const { blinding, cells, record } of sealed.records) {
    const opened = openRecord(bytes(sealed.account_key), bytes(sealed.ctx), sealed.index, bytes(sealed.commitment), bytes(record));
    assert.equal(opened.blinding, toInteger(bytes(blinding)));
    assert.deepEqual([...opened.cells], cells.map(([c, value]) => [c, BigInt(value)]));
  }
});

test("a file of one sealed record, in pieces of any size", () => {
  const file = bytes(known.sealed.file_of_first);
  for (const piece of [1, 7, 16, 17, 300]) {
    const reader = new SealedFile(1, 0);
    assert.equal(reader.size, 0);
    for (let start = 0; start < file.length; start += piece) reader.take(file.subarray(start, start + piece));
    assert.equal(reader.size, file.length);
    assert.equal(toHex(reader.record()), known.sealed.records[0]?.record);
  }
});
