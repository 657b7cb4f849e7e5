/** The book's schema: its columns and the linear rules every row obeys (docs/protocol.md, section 2). */

import type { Bytes } from "./bytes";
import { decode, encode, type Json } from "./canonical";
import { malformed, rejected } from "./errors";
import * as fields from "./fields";
import { digestOf } from "./hashing";

const TYPE = "solvent:schema/v1";
export const MAX_ACCOUNTS = 2 ** 40;
export const MAX_COLUMNS = 4096;
const MAX_ROW_BITS = 2 ** 19;
const MAGNITUDE = 1n << 250n;

/** Kinds that customers compare with their own records. */
const COMPARED = ["balance", "debt", "collateral", "long", "short", "cost_long", "cost_short"];
const DERIVED = ["portion", "cap", "unit", "flag", "shortfall", "excess", "slack"];

/** One column: `bits` is a multiple of 8 in 8..128, amounts are whole units of 10^-`decimals` `asset`. */
export interface Column {
  readonly name: string;
  readonly asset: string;
  readonly decimals: number;
  readonly bits: number;
  readonly kind: string;
}

export interface Rule {
  readonly name: string;
  readonly weights: ReadonlyMap<string, bigint>;
}

export interface Schema {
  readonly columns: readonly Column[];
  readonly rules: readonly Rule[];
  readonly policy: string;
  readonly prices: string;
  readonly scenarios: string;
  /** SHA-256 of the canonical bytes, hex. */
  readonly digest: string;
  /** The first bit of each column within a row. */
  readonly offsets: readonly number[];
}

/** Whether customers compare columns of this kind with their own records. */
export function isCompared(column: Column): boolean {
  return COMPARED.includes(column.kind);
}

export function schemaFromBytes(data: Bytes, where = "schema.json"): Schema {
  return schemaFromJson(decode(data, where), where);
}

/** Parse a decoded document. Throws Malformed, or Rejected for limits that a schema may not exceed. */
export function schemaFromJson(document: Json, where = "schema"): Schema {
  const parts = fields.members(document, where, ["type", "columns", "rules", "policy", "prices", "scenarios"]);
  fields.constant(parts.get("type"), parts.at("type"), TYPE);
  const listed = fields.items(parts.get("columns"), parts.at("columns"), MAX_COLUMNS);
  const rules = fields.items(parts.get("rules"), parts.at("rules"), 4096);
  const columns = listed.map((item, i) => column(item, `${where}: columns[${i}]`));
  const schema = {
    columns,
    rules: rules.map((item, i) => rule(item, `${where}: rules[${i}]`)),
    policy: fields.digestOrEmpty(parts.get("policy"), parts.at("policy")),
    prices: fields.digestOrEmpty(parts.get("prices"), parts.at("prices")),
    scenarios: fields.digestOrEmpty(parts.get("scenarios"), parts.at("scenarios")),
    digest: digestOf(encode(document)),
    offsets: offsets(columns),
  };
  requireLimits(schema);
  return schema;
}

/** Throws where so many rows could overflow a total (section 2). */
export function requireCount(schema: Schema, accounts: number): void {
  const wide = schema.columns.find(({ bits }) => BigInt(accounts) << BigInt(bits) >= MAGNITUDE);
  if (wide !== undefined) throw rejected("the total could overflow", { where: wide.name, code: "E_BOUND", step: "2" });
}

function offsets(columns: readonly Column[]): number[] {
  let next = 0;
  return columns.map(({ bits }) => (next += bits) - bits);
}

function column(item: Json, where: string): Column {
  const parts = fields.members(item, where, ["name", "asset", "decimals", "bits", "kind"]);
  return {
    name: fields.name(parts.get("name"), parts.at("name")),
    asset: parts.get("asset") === "" ? "" : fields.sym(parts.get("asset"), parts.at("asset")),
    decimals: fields.integer(parts.get("decimals"), parts.at("decimals"), 0, 77),
    bits: fields.integer(parts.get("bits"), parts.at("bits"), 8, 128),
    kind: fields.text(parts.get("kind"), parts.at("kind")),
  };
}

function rule(item: Json, where: string): Rule {
  const parts = fields.members(item, where, ["name", "weights"]);
  const weights = fields.mapping(parts.get("weights"), parts.at("weights"), MAX_COLUMNS);
  const pairs = [...weights].map(([name, weight]) => [name, fields.signed(weight, parts.at("weights"))] as const);
  return { name: fields.name(parts.get("name"), parts.at("name")), weights: new Map(pairs) };
}

/** The limits of section 2, before anything is allocated. */
function requireLimits(schema: Schema): void {
  if (schema.columns.length === 0) {
    throw malformed("a book has 1 to 4096 columns", { where: "schema", code: "E_LIMIT", step: "2" });
  }
  schema.columns.forEach(requireColumn);
  requireDistinct(schema.columns, "column");
  requireDistinct(schema.rules, "rule");
  if (schema.columns.reduce((sum, { bits }) => sum + bits, 0) > MAX_ROW_BITS) {
    throw malformed("a row has more than 2^19 bits", { where: "schema", code: "E_LIMIT", step: "2" });
  }
  const bits = new Map(schema.columns.map((column) => [column.name, BigInt(column.bits)]));
  for (const rule of schema.rules) requireRule(rule, bits);
}

function requireColumn({ name, asset, bits, kind }: Column): void {
  const where = `column ${name}`;
  if (bits % 8 !== 0) {
    throw malformed(`bits is a multiple of 8 in 8..128, not ${bits}`, { where, code: "E_LIMIT", step: "2" });
  }
  if (!COMPARED.includes(kind) && !DERIVED.includes(kind)) {
    throw malformed(`kind ${JSON.stringify(kind.slice(0, 40))} is not known`, { where, code: "E_TYPE", step: "2" });
  }
  if (COMPARED.includes(kind) && asset === "") {
    throw malformed(`a column of kind ${kind} names its asset`, { where, code: "E_TYPE", step: "2" });
  }
}

function requireDistinct(named: readonly { readonly name: string }[], what: string): void {
  if (new Set(named.map(({ name }) => name)).size !== named.length) {
    throw rejected(`two ${what}s have one name`, { where: "schema", code: "E_SCHEMA", step: "2" });
  }
}

function requireRule(rule: Rule, bits: ReadonlyMap<string, bigint>): void {
  const where = `rule ${rule.name}`;
  if (rule.weights.size === 0) {
    throw malformed("a rule weighs at least one column", { where, code: "E_FIELD", step: "2" });
  }
  let reach = 0n;
  for (const [name, weight] of [...rule.weights].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const width = bits.get(name);
    if (width === undefined) {
      throw rejected(`there is no column ${JSON.stringify(name.slice(0, 96))}`, { where, code: "E_SCHEMA", step: "2" });
    }
    if (weight === 0n) throw malformed(`the weight of ${name} is zero`, { where, code: "E_LIMIT", step: "2" });
    reach += (weight < 0n ? -weight : weight) << width;
  }
  if (reach >= MAGNITUDE) throw rejected("its weights could wrap around", { where, code: "E_BOUND", step: "2" });
}
