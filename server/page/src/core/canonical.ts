/**
 * Canonical JSON (RFC 8785) in, canonical JSON out, nothing else accepted (docs/protocol.md, section 1).
 *
 * JSON.parse forgets repeated members and how numbers were spelled, so documents are read here. Objects become Maps:
 * a member named "__proto__" is a member like any other.
 */

import { equal, utf8, type Bytes } from "./bytes";
import { malformed, type SolventError } from "./errors";

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = ReadonlyMap<string, Json>;

const MAX_BYTES = 16 * 2 ** 20;
const MAX_DEPTH = 64;
const NUMBER = /-?[0-9.][0-9.eE+-]*/y;
const INTEGER = /^(?:0|[1-9][0-9]{0,15})$/;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SPACE = /[ \t\n\r]*/y;
const WORDS: readonly (readonly [string, Json])[] = [
  ["null", null],
  ["true", true],
  ["false", false],
];

/** The document in `data`. Throws Malformed (E_JSON, E_LIMIT) unless `data` is exactly its canonical form. */
export function decode(data: Bytes, where: string): Json {
  const document = parse(data, where);
  if (!equal(encode(document), data)) {
    throw malformed("its bytes are not the canonical ones (RFC 8785)", { where, code: "E_JSON" });
  }
  return document;
}

/** The document in `data`, in any spelling of JSON; no member twice, whole numbers only. */
export function parse(data: Bytes, where: string): Json {
  if (data.length > MAX_BYTES) throw malformed(`larger than ${MAX_BYTES} bytes`, { where, code: "E_LIMIT" });
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    throw malformed("not UTF-8", { where, code: "E_JSON" });
  }
  return new Reader(text, where).document();
}

/** The canonical bytes of a document. */
export function encode(document: Json): Bytes {
  return utf8(text(document));
}

function text(value: Json): string {
  if (value instanceof Map) {
    const names = [...(value as JsonObject).keys()].sort(); // by UTF-16 code units, as RFC 8785 asks
    return `{${names.map((name) => `${JSON.stringify(name)}:${text(value.get(name) as Json)}`).join(",")}}`;
  }
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(text).join(",")}]`;
  return JSON.stringify(value);
}

class Reader {
  private position = 0;

  constructor(
    private readonly source: string,
    private readonly where: string,
  ) {}

  document(): Json {
    const value = this.value(0);
    this.space();
    if (this.position !== this.source.length) throw this.wrong("text after its end");
    return value;
  }

  private value(depth: number): Json {
    this.space();
    const next = this.source[this.position];
    if (next === "{") return this.object(depth + 1);
    if (next === "[") return this.list(depth + 1);
    if (next === '"') return this.string();
    const word = WORDS.find(([spelling]) => this.source.startsWith(spelling, this.position));
    if (word === undefined) return this.number();
    this.position += word[0].length;
    return word[1];
  }

  private object(depth: number): JsonObject {
    const members = new Map<string, Json>();
    this.sequence("{", "}", depth, () => {
      this.space();
      const name = this.string();
      if (members.has(name)) throw this.wrong("a member stands twice in one object");
      this.space();
      this.take(":");
      members.set(name, this.value(depth));
    });
    return members;
  }

  private list(depth: number): readonly Json[] {
    const items: Json[] = [];
    this.sequence("[", "]", depth, () => items.push(this.value(depth)));
    return items;
  }

  private sequence(open: string, close: string, depth: number, item: () => void): void {
    if (depth > MAX_DEPTH) {
      throw malformed(`nested deeper than ${MAX_DEPTH} levels`, { where: this.where, code: "E_LIMIT" });
    }
    this.take(open);
    this.space();
    if (this.source[this.position] !== close) {
      for (item(), this.space(); this.source[this.position] === ","; this.space()) {
        this.position += 1;
        item();
      }
    }
    this.take(close);
  }

  private string(): string {
    const literal = this.match(STRING);
    if (literal === null) throw this.wrong("a string was expected");
    const value = JSON.parse(literal) as string;
    if (!wellFormed(value)) throw this.wrong("a string holds half a character");
    return value;
  }

  private number(): number {
    const literal = this.match(NUMBER);
    if (literal === null) throw this.wrong("a value was expected");
    if (!INTEGER.test(literal) || !Number.isSafeInteger(Number(literal))) {
      throw this.wrong(`${literal.slice(0, 20)} is not a whole number of 0..2^53-1; amounts are strings of digits`);
    }
    return Number(literal);
  }

  private match(pattern: RegExp): string | null {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.source);
    if (found === null) return null;
    this.position += found[0].length;
    return found[0];
  }

  private space(): void {
    this.match(SPACE);
  }

  private take(character: string): void {
    if (this.source[this.position] !== character) throw this.wrong(`${character} was expected`);
    this.position += 1;
  }

  private wrong(what: string): SolventError {
    return malformed(`not valid JSON: ${what}`, { where: this.where, code: "E_JSON" });
  }
}

/** No surrogate stands alone: with the flag u, only such a one is of category Cs. */
function wellFormed(value: string): boolean {
  return !/\p{Cs}/u.test(value);
}
