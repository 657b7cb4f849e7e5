/**
 * The attestation: what the exchange signs about one book (docs/protocol.md, section 2 and "The attestation").
 *
 * A customer's check rests on the identity, the root, the schema, the files' digests and the times. Prices, policy,
 * collateral and claims are for auditors: here they are read for their shape and for what binds them together.
 */

import type { Bytes } from "./bytes";
import { decode, encode, type Json } from "./canonical";
import { malformed, rejected } from "./errors";
import * as fields from "./fields";
import { pointFromBytes, type Point } from "./group";
import { PROTOCOL, tagged } from "./hashing";
import { MAX_ACCOUNTS, MAX_COLUMNS, requireCount, type Column, type Schema } from "./schema";

export const PAYLOAD_TYPE = "application/vnd.in-toto+json";
const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
const PREDICATE_TYPE = "solvent:attestation/v1";
const REQUIRED_FILES = ["book.proof", "leaves.bin", "schema.json"];
/** A document's digest and its file come together. */
const DOCUMENTS = ["policy", "prices", "collateral", "scenarios", "events"];
const OPTIONAL_FILES = ["sealed.bin", "root.json", "claims.proof", ...DOCUMENTS.map((name) => `${name}.json`)];
const DIGESTS = ["policy", "prices", "schema", "collateral", "scenarios", "events"];
const MEMBERS = [
  ...["protocol", "exchange", "epoch", "nonce", "previous", "taken_at", "accounts", "issued_at", "expires_at"],
  ...["chunk_bits", "root", "digests", "totals", "holdings", "aux", "claims"],
];
/** Kinds whose total may never be left out. */
const ALWAYS_TOTALLED = ["balance", "debt", "long", "short", "cost_long", "cost_short", "shortfall"];

/** How a column's total is told: a number of base units, a commitment, or not at all. */
export type Total = bigint | Point | null;

export interface Attestation {
  readonly exchange: string;
  readonly epoch: number;
  readonly takenAt: number;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly accounts: number;
  readonly rootCommitment: Point;
  readonly rootHash: Bytes;
  readonly digests: ReadonlyMap<string, string>;
  readonly totals: ReadonlyMap<string, Total>;
  /** File name -> SHA-256, hex. */
  readonly files: ReadonlyMap<string, string>;
  /** ctx of section 2, which every leaf and secret of this run is bound to. */
  readonly ctx: Bytes;
}

/** Parse canonical payload bytes. Throws Malformed or Rejected. */
export function attestationFromPayload(payload: Bytes, where = "attestation"): Attestation {
  const names = ["_type", "subject", "predicateType", "predicate"];
  const statement = fields.members(decode(payload, where), where, names);
  fields.constant(statement.get("_type"), statement.at("_type"), STATEMENT_TYPE);
  fields.constant(statement.get("predicateType"), statement.at("predicateType"), PREDICATE_TYPE);
  const parts = fields.members(statement.get("predicate"), statement.at("predicate"), MEMBERS);
  const digests = readDigests(parts.get("digests"), parts.at("digests"));
  const files = readFiles(statement.get("subject"), statement.at("subject"));
  const attestation = predicate(parts, digests, files);
  requireBound(parts, attestation);
  return attestation;
}

/** The checks that need the schema. Throws Rejected (E_BINDING, E_TOTAL). */
export function requireSchema(attestation: Attestation, schema: Schema): void {
  if (schema.digest !== attestation.digests.get("schema")) {
    throw rejected("this is not the schema that was signed", {
      where: "schema.json",
      code: "E_BINDING",
      step: "4",
      expected: attestation.digests.get("schema") ?? "",
      found: schema.digest,
    });
  }
  for (const name of ["policy", "prices", "scenarios"] as const) {
    if (schema[name] !== "" && schema[name] !== attestation.digests.get(name)) {
      throw rejected("the schema rests on documents that are not there", { where: "schema.json", code: "E_BINDING" });
    }
  }
  requireCount(schema, attestation.accounts);
  const { totals } = attestation;
  if (totals.size !== schema.columns.length || !schema.columns.every(({ name }) => totals.has(name))) {
    throw rejected("totals and columns do not match", { where: "totals", code: "E_TOTAL", step: "4" });
  }
  for (const column of schema.columns) requireTotal(totals.get(column.name) ?? null, column, attestation.accounts);
}

function requireTotal(total: Total, { name, kind, bits }: Column, accounts: number): void {
  const facts = { where: `totals: ${name}`, code: "E_TOTAL", step: "4" };
  if (total === null && ALWAYS_TOTALLED.includes(kind)) {
    throw rejected(`the total of a ${kind} column may not be left out`, facts);
  }
  if (typeof total === "bigint" && total > BigInt(accounts) * ((1n << BigInt(bits)) - 1n)) {
    throw rejected("no book of this size has this total", facts);
  }
  if (kind === "unit" && total !== BigInt(accounts)) {
    throw rejected("the total of the unit column is the number of rows", facts);
  }
}

/** The published files and their SHA-256, sorted by name, all of them known to this version. */
function readFiles(subject: Json, where: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  let last = "";
  fields.items(subject, where, 64).forEach((item, i) => {
    const parts = fields.members(item, `${where}[${i}]`, ["name", "digest"]);
    const hashes = fields.members(parts.get("digest"), parts.at("digest"), ["sha256"]);
    const name = fields.name(parts.get("name"), parts.at("name"));
    if (name <= last) {
      throw malformed("file names are not sorted, or one stands twice", { where: parts.where, code: "E_FIELD" });
    }
    files.set(name, fields.digest(hashes.get("sha256"), hashes.at("sha256")));
    last = name;
  });
  requireKnownFiles(files, where);
  return files;
}

function requireKnownFiles(files: ReadonlyMap<string, string>, where: string): void {
  const missing = REQUIRED_FILES.find((name) => !files.has(name));
  if (missing !== undefined) throw rejected(`${missing} is missing`, { where, code: "E_BINDING" });
  const unknown = [...files.keys()].find((name) => !REQUIRED_FILES.includes(name) && !OPTIONAL_FILES.includes(name));
  if (unknown !== undefined) {
    throw rejected(`${unknown} belongs to no part of this attestation`, { where, code: "E_BINDING" });
  }
}

function readDigests(document: Json, where: string): ReadonlyMap<string, string> {
  const parts = fields.members(document, where, DIGESTS);
  const pairs = DIGESTS.map((name) => [name, fields.digestOrEmpty(parts.get(name), parts.at(name))] as const);
  const digests = new Map(pairs);
  if (digests.get("schema") === "") {
    throw rejected("the schema is not bound", { where: parts.at("schema"), code: "E_BINDING" });
  }
  return digests;
}

function predicate(
  parts: fields.Members,
  digests: ReadonlyMap<string, string>,
  files: ReadonlyMap<string, string>,
): Attestation {
  fields.constant(parts.get("protocol"), parts.at("protocol"), PROTOCOL);
  const root = fields.members(parts.get("root"), parts.at("root"), ["commitment", "hash"]);
  const attestation = {
    exchange: fields.name(parts.get("exchange"), parts.at("exchange")),
    epoch: fields.integer(parts.get("epoch"), parts.at("epoch"), 1),
    takenAt: fields.integer(parts.get("taken_at"), parts.at("taken_at")),
    issuedAt: fields.integer(parts.get("issued_at"), parts.at("issued_at")),
    expiresAt: fields.integer(parts.get("expires_at"), parts.at("expires_at")),
    accounts: fields.integer(parts.get("accounts"), parts.at("accounts"), 1, MAX_ACCOUNTS),
    rootCommitment: point(root.get("commitment"), root.at("commitment")),
    rootHash: fields.hexbytes(root.get("hash"), root.at("hash"), 32),
    digests,
    totals: readTotals(parts.get("totals"), parts.at("totals")),
    files,
    ctx: context(parts, digests.get("schema") ?? ""),
  };
  fields.integer(parts.get("chunk_bits"), parts.at("chunk_bits"), 0, 24);
  requireTimes(attestation, parts.where);
  return attestation;
}

/** ctx = tagged("context", JCS({protocol, exchange, epoch, nonce, taken_at, schema, accounts, previous})). */
function context(parts: fields.Members, schema: string): Bytes {
  fields.digest(parts.get("nonce"), parts.at("nonce"));
  fields.digestOrEmpty(parts.get("previous"), parts.at("previous"));
  const copied = ["protocol", "exchange", "epoch", "nonce", "taken_at", "accounts", "previous"];
  const pairs = copied.map((name) => [name, parts.get(name)] as const);
  return tagged("context", encode(new Map([...pairs, ["schema", schema]])));
}

function requireTimes(attestation: Attestation, where: string): void {
  if (attestation.takenAt > attestation.issuedAt) {
    throw rejected("it was signed before the snapshot was taken", { where: `${where}: issued_at`, code: "E_FUTURE" });
  }
  if (attestation.issuedAt >= attestation.expiresAt) {
    throw rejected("it expired before it was signed", { where: `${where}: expires_at`, code: "E_EXPIRED" });
  }
}

function readTotals(document: Json, where: string): ReadonlyMap<string, Total> {
  const pairs = [...fields.mapping(document, where, MAX_COLUMNS)];
  return new Map(pairs.map(([name, item]) => [name, total(item, `${where}.${name.slice(0, 96)}`)]));
}

function total(item: Json, where: string): Total {
  const parts = fields.members(item, where, ["mode", "value"]);
  const mode = fields.text(parts.get("mode"), parts.at("mode"));
  if (mode === "public") return fields.amount(parts.get("value"), parts.at("value"));
  if (mode === "hidden") return point(parts.get("value"), parts.at("value"));
  if (mode !== "none") throw malformed("mode is public, hidden or none", { where: parts.at("mode"), code: "E_TYPE" });
  fields.constant(parts.get("value"), parts.at("value"), "");
  return null;
}

function point(value: Json, where: string): Point {
  return pointFromBytes(fields.hexbytes(value, where, 33), where);
}

/** Holdings, auxiliary values and claims have their shape, and nothing stands there without what it rests on. */
function requireBound(parts: fields.Members, { digests, files }: Attestation): void {
  const holdings = fields.items(parts.get("holdings"), parts.at("holdings"), 2 ** 20);
  holdings.forEach((item, i) => requireHolding(item, `${parts.at("holdings")}[${i}]`));
  const aux = fields.mapping(parts.get("aux"), parts.at("aux"), 2 ** 20);
  for (const [name, value] of aux) point(value, `${parts.at("aux")}.${name.slice(0, 96)}`);
  const claims = fields.items(parts.get("claims"), parts.at("claims"), 4096);
  claims.forEach((item, i) => requireClaim(item, `${parts.at("claims")}[${i}]`));
  const without = (name: string): boolean => digests.get(name) === "";
  if (holdings.length > 0 && without("collateral")) {
    throw rejected("holdings without a collateral snapshot", { where: parts.at("holdings"), code: "E_HOLDING" });
  }
  if (aux.size > 0 && claims.length === 0) {
    throw rejected("auxiliary values that no claim creates", { where: parts.at("aux"), code: "E_AUX" });
  }
  if (claims.length > 0 && without("policy")) {
    throw rejected("claims without a policy", { where: parts.at("claims"), code: "E_CLAIM" });
  }
  requireDocuments(digests, files, parts.where);
}

function requireHolding(item: Json, where: string): void {
  const parts = fields.members(item, where, ["pool", "asset", "public", "hidden"]);
  fields.name(parts.get("pool"), parts.at("pool"));
  fields.sym(parts.get("asset"), parts.at("asset"));
  fields.amount(parts.get("public"), parts.at("public"));
  if (parts.get("hidden") !== "") point(parts.get("hidden"), parts.at("hidden"));
}

function requireClaim(item: Json, where: string): void {
  const parts = fields.members(item, where, ["name", "kind", "parameters"]);
  fields.name(parts.get("name"), parts.at("name"));
  fields.text(parts.get("kind"), parts.at("kind"));
  fields.mapping(parts.get("parameters"), parts.at("parameters"), 64);
}

function requireDocuments(digests: ReadonlyMap<string, string>, files: ReadonlyMap<string, string>, where: string): void {
  const pairs = DOCUMENTS.map((name) => [`${name}.json`, digests.get(name) !== ""] as const);
  const wrong = [...pairs, ["root.json", digests.get("policy") !== ""] as const].find(
    ([file, bound]) => files.has(file) !== bound,
  );
  if (wrong !== undefined) {
    throw rejected(`${wrong[0]} and its digest do not come together`, { where, code: "E_BINDING" });
  }
  if (files.has("claims.proof") && digests.get("policy") === "") {
    throw rejected("claims.proof belongs to no part of this attestation", { where, code: "E_BINDING" });
  }
}
