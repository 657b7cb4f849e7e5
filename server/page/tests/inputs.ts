/** Vectors as inputs of the checks: files from JSON, streams from bytes. */

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fromBase64, utf8, type Bytes } from "../src/core/bytes";
import { openBookFiles } from "../src/core/book";
import { checkBundle, checkFiles, type Checked, type Customer, type Watch } from "../src/core/check";
import { readAccountKey, readExchangeKey } from "../src/core/accounts";
import { unavailable } from "../src/core/errors";
import type { ByteStream } from "../src/core/streams";

export const VECTORS = process.env["VECTORS"] ?? join(process.cwd(), "..", "..", "vectors");

/** A file in a vector. */
export type Entry = { readonly text: string } | { readonly base64: string };
export type Files = Readonly<Record<string, Entry | null>>;

export interface Given {
  readonly value?: string;
  readonly opening?: number;
  readonly bundle?: number;
  readonly account_id?: string;
  readonly account_key?: string;
  readonly exchange_key?: string;
  readonly holdings?: Readonly<Record<string, string>>;
}

export interface Case {
  readonly name: string;
  readonly base: string;
  readonly target: string;
  readonly files: Files;
  readonly given: Given;
}

export interface OpeningVector {
  readonly account_id: string;
  readonly account_key: string;
  readonly holdings: Readonly<Record<string, string>>;
  readonly index: number;
  readonly row_id: string;
  readonly commitment: string;
  readonly path: readonly { readonly C: string; readonly h: string }[];
}

export interface BookVector {
  readonly name: string;
  readonly files: Files;
  readonly exchange_key: string;
  readonly now: number;
  readonly openings: readonly OpeningVector[];
  readonly bundles: readonly { readonly account_id: string; readonly file: Entry }[];
}

export function load<T>(name: string): T {
  return JSON.parse(readFileSync(join(VECTORS, name), "ascii")) as T;
}

export function named(directory: string): readonly string[] {
  return readdirSync(join(VECTORS, directory)).filter((name) => name.endsWith(".json")).sort();
}

export function books(): ReadonlyMap<string, BookVector> {
  const all = named("books").map((name) => load<BookVector>(`books/${name}`));
  return new Map(all.map((book) => [book.name, book]));
}

/** Signed statements with claims: payload, schema and the documents they rest on. */
export function claims(): ReadonlyMap<string, { readonly files: Files }> {
  const all = named("claims").map((name) => load<{ name: string; files: Files }>(`claims/${name}`));
  return new Map(all.map((base) => [base.name, base]));
}

export function cases(): readonly Case[] {
  return named("negative").flatMap((name) => load<{ cases: Case[] }>(`negative/${name}`).cases);
}

export function content(entry: Entry): Bytes {
  return "base64" in entry ? fromBase64(entry.base64, "vector") : utf8(entry.text);
}

/** A stream in pieces of an odd size, so that no record ends where a piece ends. */
export function stream(name: string, data: Bytes, piece = 4099): ByteStream {
  return {
    name,
    size: data.length,
    async *read() {
      for (let start = 0; start < data.length; start += piece) yield data.subarray(start, start + piece);
    },
  };
}

export const unwatched: Watch = async () => {};

function required(files: Files, name: string): Bytes {
  const entry = files[name];
  if (entry === null || entry === undefined) throw unavailable("not there", { where: name, code: "E_FILE" });
  return content(entry);
}

function customer(accountId: string, given: Given): Customer {
  return { accountId, holdings: given.holdings === undefined ? null : new Map(Object.entries(given.holdings)) };
}

/** A customer's own check in the published files. */
export async function checkMe(book: BookVector, changes: Files, given: Given): Promise<Checked> {
  const opening = book.openings[given.opening ?? 0];
  if (opening === undefined) throw new Error(`no such opening in ${book.name}`);
  const files = { ...book.files, ...changes };
  const key = readExchangeKey(given.exchange_key ?? book.exchange_key);
  const signed = openBookFiles(required(files, "attestation.json"), required(files, "schema.json"), key);
  const accountKey = readAccountKey(`slv_k_${given.account_key ?? opening.account_key}`);
  const who = customer(given.account_id ?? opening.account_id, given);
  const sealed = files["sealed.bin"];
  const large = {
    leaves: stream("leaves.bin", required(files, "leaves.bin")),
    sealed: sealed ? stream("sealed.bin", content(sealed)) : null,
  };
  return checkFiles(signed, who, accountKey, large, async () => {}, unwatched);
}

/** A customer's check of a bundle: alone, or with attestation and schema given beside it. */
export async function checkBundleCase(book: BookVector, changes: Files, given: Given): Promise<Checked> {
  const bundle = book.bundles[given.bundle ?? 0];
  if (bundle === undefined) throw new Error(`no such bundle in ${book.name}`);
  const file = (name: string): Bytes | null => (changes[name] ? content(changes[name]) : null);
  const who = customer(given.account_id ?? bundle.account_id, given);
  const beside = { attestation: file("attestation.json"), schema: file("schema.json") };
  const key = readExchangeKey(given.exchange_key ?? book.exchange_key);
  return checkBundle(content(changes["bundle.json"] ?? bundle.file), who, beside, async () => key, unwatched);
}
