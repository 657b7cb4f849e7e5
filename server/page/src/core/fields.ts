/** Typed, closed reading of decoded JSON (docs/protocol.md, section 1): one function per kind of member. */

import { fromHex, toHex, utf8, type Bytes } from "./bytes";
import type { Json, JsonObject } from "./canonical";
import { malformed, type SolventError } from "./errors";

export const MAX_INT = 2 ** 53 - 1;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._:/#-]{0,95}$/;
const SYM = /^[A-Z0-9][A-Z0-9._-]{0,31}$/;
const SIGNED = /^(?:0|-?[1-9][0-9]{0,77})$/;
const AMOUNT = /^(?:0|[1-9][0-9]{0,38})$/;

/** A closed object: read members by name with `get`. */
export class Members {
  constructor(
    private readonly object: JsonObject,
    readonly where: string,
  ) {}

  get(name: string): Json {
    return this.object.get(name) as Json;
  }

  has(name: string): boolean {
    return this.object.has(name);
  }

  at(name: string): string {
    return `${this.where}: ${name}`;
  }
}

/** `value` as an object with exactly `names`, and any of `optional`. */
export function members(value: Json, where: string, names: readonly string[], optional: readonly string[] = []): Members {
  const object = mapping(value, where, Number.POSITIVE_INFINITY);
  const missing = names.find((name) => !object.has(name));
  if (missing !== undefined) throw malformed(`member ${missing} is missing`, { where, code: "E_FIELD" });
  const unknown = [...object.keys()].find((name) => !names.includes(name) && !optional.includes(name));
  if (unknown !== undefined) {
    throw malformed(`member ${JSON.stringify(unknown.slice(0, 40))} is not known`, { where, code: "E_FIELD" });
  }
  return new Members(object, where);
}

/** `value` as an object whose member names are data, at most `limit` of them. */
export function mapping(value: Json, where: string, limit: number): JsonObject {
  if (!(value instanceof Map)) throw mistyped("an object", where);
  if (value.size > limit) throw malformed(`has more than ${limit} members`, { where, code: "E_LIMIT" });
  return value as JsonObject;
}

/** `value` as a list of at most `limit` items. */
export function items(value: Json, where: string, limit: number): readonly Json[] {
  if (!Array.isArray(value)) throw mistyped("a list", where);
  if (value.length > limit) throw malformed(`has more than ${limit} items`, { where, code: "E_LIMIT" });
  return value as readonly Json[];
}

/** A JSON number within low..high. */
export function integer(value: Json, where: string, low = 0, high = MAX_INT): number {
  if (typeof value !== "number") throw mistyped("a whole number", where);
  if (value < low || value > high) {
    throw malformed(`${value} is outside ${low}..${high}`, { where, code: "E_LIMIT" });
  }
  return value;
}

/** A string of at most `limit` bytes of UTF-8. */
export function text(value: Json, where: string, limit = 1024): string {
  if (typeof value !== "string") throw mistyped("a string", where);
  if (utf8(value).length > limit) throw malformed(`is longer than ${limit} bytes`, { where, code: "E_LIMIT" });
  return value;
}

/** Exactly the string `expected`. */
export function constant(value: Json, where: string, expected: string): string {
  if (value !== expected) throw mistyped(JSON.stringify(expected), where);
  return expected;
}

/** A name: letters, digits and ._:/#-, at most 96 characters. */
export function name(value: Json, where: string): string {
  return matching(value, where, NAME, "a name (letters, digits and ._:/#-, at most 96 characters)");
}

/** An asset symbol: capitals, digits and ._-, at most 32 characters. */
export function sym(value: Json, where: string): string {
  return matching(value, where, SYM, "an asset symbol (capitals, digits and ._-, at most 32 characters)");
}

/** A string of digits below 2^128, converted after its form was checked. */
export function amount(value: Json, where: string): bigint {
  const units = BigInt(matching(value, where, AMOUNT, "a whole number in a string, without leading zeros"));
  if (units >= 1n << 128n) throw malformed("is 2^128 or more", { where, code: "E_LIMIT" });
  return units;
}

/** A string (0|-?[1-9][0-9]{0,77}), converted after its form was checked. */
export function signed(value: Json, where: string): bigint {
  return BigInt(matching(value, where, SIGNED, "a whole number in a string, without leading zeros"));
}

/** `length` bytes in lower-case hex. */
export function hexbytes(value: Json, where: string, length: number): Bytes {
  const data = typeof value === "string" ? fromHex(value) : null;
  if (data === null) throw mistyped("lower-case hex", where);
  if (data.length !== length) {
    throw malformed(`should be ${length} bytes in hex, found ${data.length}`, { where, code: "E_TYPE" });
  }
  return data;
}

/** 32 bytes in lower-case hex, kept as hex. */
export function digest(value: Json, where: string): string {
  return toHex(hexbytes(value, where, 32));
}

/** A digest, or "" where there is none. */
export function digestOrEmpty(value: Json, where: string): string {
  return value === "" ? "" : digest(value, where);
}

function matching(value: Json, where: string, pattern: RegExp, what: string): string {
  if (typeof value !== "string" || !pattern.test(value)) throw mistyped(what, where);
  return value;
}

function mistyped(what: string, where: string): SolventError {
  return malformed(`should be ${what}`, { where, code: "E_TYPE" });
}
