/** Random and altered inputs at the entry points: never "verified", and never a fault of the page itself. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { readAccountKey, readExchangeKey } from "../src/core/accounts";
import { openBookFiles } from "../src/core/book";
import { toBase64, toHex, utf8, type Bytes } from "../src/core/bytes";
import { encode, parse, type Json } from "../src/core/canonical";
import { checkRow, type Checked } from "../src/core/check";
import { SolventError } from "../src/core/errors";
import { pointToBytes } from "../src/core/group";
import { judge, type Outcome } from "../src/core/outcome";
import { books, checkBundleCase, checkMe, content, unwatched, type BookVector, type Entry, type OpeningVector } from "./inputs";

const ROUNDS = Number(process.env["ROUNDS"] ?? 300);
const book = books().get("margin") as BookVector;
const opening = book.openings[0] as OpeningVector;
const account_id = opening.account_id;

/** A small generator of numbers, so that a failure repeats. */
function seeded(seed: number): (below: number) => number {
  return (below) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
}

function altered(data: Bytes, random: (below: number) => number): Bytes {
  const changed = Array.from(data);
  const place = random(changed.length);
  const kind = random(4);
  if (kind === 0) changed[place] = (changed[place] as number) ^ (1 << random(8));
  else if (kind === 1) changed.splice(place, 1 + random(3));
  else if (kind === 2) changed.splice(place, 0, random(256));
  else changed.length = place;
  return Uint8Array.from(changed);
}

/** The document with one value somewhere replaced, written canonically: only its meaning is wrong. */
function replaced(document: Json, random: (below: number) => number): Json {
  const strange: readonly Json[] = [null, true, 0, 2 ** 53 - 1, "", "0", "-1", "00", [], new Map(), "ab".repeat(32), "02".repeat(33)];
  if (document instanceof Map && document.size > 0 && random(8) > 0) {
    const members = new Map(document as ReadonlyMap<string, Json>);
    const name = [...members.keys()][random(members.size)] as string;
    return members.set(name, replaced(members.get(name) as Json, random));
  }
  if (Array.isArray(document) && document.length > 0 && random(8) > 0) {
    const place = random(document.length);
    return document.map((item: Json, i) => (i === place ? replaced(item, random) : item));
  }
  return strange[random(strange.length)] as Json;
}

function refused(outcome: Outcome<Checked>, what: string): void {
  assert.notEqual(outcome.verdict, "verified", what);
  assert.ok(outcome.verdict !== "verified" && outcome.reason !== "fault", `${what}: the page itself failed`);
}

/** A bundle that stands alone: every byte of it counts. */
const alone = book.bundles.find(({ file }) => "text" in file && file.text.includes('"attestation"')) as BookVector["bundles"][number];
const own = content(alone.file);
const asBundle = (data: Bytes): Promise<Outcome<Checked>> =>
  judge(() => checkBundleCase(book, { "bundle.json": { base64: toBase64(data) } }, { account_id: alone.account_id }));

test("the bundle itself is verified", async () => {
  assert.equal((await asBundle(own)).verdict, "verified");
});

test("altered bundles", async () => {
  const random = seeded(1);
  for (let i = 0; i < ROUNDS; i += 1) refused(await asBundle(altered(own, random)), `round ${i}`);
});

test("bundles that say something else", async () => {
  const random = seeded(2);
  const document = parse(own, "bundle");
  for (let i = 0; i < ROUNDS; i += 1) {
    const data = encode(replaced(document, random));
    if (toHex(data) !== toHex(own)) refused(await asBundle(data), `round ${i}`);
  }
});

test("random bytes", async () => {
  const random = seeded(3);
  for (let i = 0; i < ROUNDS; i += 1) {
    refused(await asBundle(Uint8Array.from({ length: random(200) }, () => random(256))), `round ${i}`);
  }
});

async function honestRow(): Promise<Bytes> {
  const { opening: opened } = await checkMe(book, {}, {});
  const sealed = content(book.files["sealed.bin"] as Entry);
  const view = new DataView(sealed.buffer);
  const [start, end] = [0, 8].map((more) => Number(view.getBigUint64(8 * opening.index + more)));
  const path = opened.path.map(({ C, h }) => ({ C: toHex(pointToBytes(C)), h: toHex(h) }));
  const record = toBase64(sealed.subarray(start, end));
  const { index, commitment, row_id: id } = opening;
  return utf8(JSON.stringify({ index, commitment, id, path, sealed: record }));
}

function asRow(data: Bytes): Promise<Outcome<Checked>> {
  const [attestation, schema] = [book.files["attestation.json"], book.files["schema.json"]].map((file) => content(file as Entry));
  const signed = openBookFiles(attestation as Bytes, schema as Bytes, readExchangeKey(book.exchange_key));
  const key = readAccountKey(`slv_k_${opening.account_key}`);
  const customer = { accountId: account_id, holdings: null };
  return judge(() => checkRow(signed, customer, key, async () => data, unwatched));
}

test("the service's row itself is verified", async () => {
  assert.equal((await asRow(await honestRow())).verdict, "verified");
});

test("altered rows of the service", async () => {
  const random = seeded(4);
  const row = await honestRow();
  for (let i = 0; i < ROUNDS; i += 1) refused(await asRow(altered(row, random)), `round ${i}`);
});

test("rows of the service that say something else", async () => {
  const random = seeded(5);
  const row = parse(await honestRow(), "row");
  for (let i = 0; i < ROUNDS; i += 1) {
    const data = encode(replaced(row, random));
    if (toHex(data) !== toHex(encode(row))) refused(await asRow(data), `round ${i}`);
  }
});

test("every kind of exception is one of the two other verdicts", async () => {
  const thrown = [new TypeError("x"), new RangeError("x"), "text", undefined, null, { decided: true }, new DOMException("x")];
  for (const value of thrown) {
    const outcome = await judge<Checked>(async () => {
      throw value;
    });
    assert.ok(outcome.verdict === "unchecked");
    assert.ok(outcome.error instanceof SolventError);
  }
});
