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
import type { Point } from "./group";
import { PROTOCOL, tagged } from "./hashing";
import { readDigests, readFiles, readPoint, requireParts, type Digests, type Files } from "./predicate";
import { isCompared, MAX_ACCOUNTS, MAX_COLUMNS, requireCount, type Column, type Schema } from "./schema";

export const PAYLOAD_TYPE = "application/vnd.in-toto+json";
const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
const PREDICATE_TYPE = "solvent:attestation/v1";
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
  readonly digests: Digests;
  readonly totals: ReadonlyMap<string, Total>;
  readonly files: Files;
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
  requireParts(parts, digests, files, statement.at("subject"));
  requireTimes(attestation, parts.where);
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
  requireSameDocuments(attestation, schema);
  requireCount(schema, attestation.accounts);
  const { totals } = attestation;
  if (totals.size !== schema.columns.length || !schema.columns.every(({ name }) => totals.has(name))) {
    throw rejected("totals and columns do not match", { where: "totals", code: "E_TOTAL", step: "4" });
  }
  for (const column of schema.columns) requireTotal(totals.get(column.name) ?? null, column, attestation.accounts);
}

/** The schema names the policy; prices and scenarios may be left out where no rule reads them. */
function requireSameDocuments({ digests }: Attestation, schema: Schema): void {
  const reads = schema.rules.length > 0 || !schema.columns.every(isCompared);
  for (const name of ["policy", "prices", "scenarios"] as const) {
    const named = digests.get(name) ?? "";
    const allowed = name === "policy" ? [named] : ["", ...(reads ? [named] : [])];
    if (!allowed.includes(schema[name])) {
      const message = "the schema rests on a document that is not part of this attestation";
      throw rejected(message, { where: `schema.json: ${name}`, code: "E_BINDING" });
    }
  }
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

function predicate(
  parts: fields.Members,
  digests: Digests,
  files: Files,
): Attestation {
  fields.constant(parts.get("protocol"), parts.at("protocol"), PROTOCOL);
  const root = fields.members(parts.get("root"), parts.at("root"), ["commitment", "hash"]);
  fields.integer(parts.get("chunk_bits"), parts.at("chunk_bits"), 0, 24);
  return {
    exchange: fields.name(parts.get("exchange"), parts.at("exchange")),
    epoch: fields.integer(parts.get("epoch"), parts.at("epoch"), 1),
    takenAt: fields.integer(parts.get("taken_at"), parts.at("taken_at")),
    issuedAt: fields.integer(parts.get("issued_at"), parts.at("issued_at")),
    expiresAt: fields.integer(parts.get("expires_at"), parts.at("expires_at")),
    accounts: fields.integer(parts.get("accounts"), parts.at("accounts"), 1, MAX_ACCOUNTS),
    rootCommitment: readPoint(root.get("commitment"), root.at("commitment")),
    rootHash: fields.hexbytes(root.get("hash"), root.at("hash"), 32),
    digests,
    totals: readTotals(parts.get("totals"), parts.at("totals")),
    files,
    ctx: context(parts, digests.get("schema") ?? ""),
  };
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
  if (mode === "hidden") return readPoint(parts.get("value"), parts.at("value"));
  if (mode !== "none") throw malformed("mode is public, hidden or none", { where: parts.at("mode"), code: "E_TYPE" });
  fields.constant(parts.get("value"), parts.at("value"), "");
  return null;
}

