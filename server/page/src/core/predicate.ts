/**
 * The parts of an attestation that go beyond the book: digests, files, holdings, auxiliary values, claims.
 *
 * Whether they are true is an auditor's question. Here they are read for their shape and compared with one another.
 */

import type { Json } from "./canonical";
import { malformed, rejected, unavailable } from "./errors";
import * as fields from "./fields";
import { pointFromBytes, type Point } from "./group";

const REQUIRED_FILES = ["book.proof", "leaves.bin", "schema.json"];
/** Documents that are there exactly where their digest is, each published under its name and .json. */
const DOCUMENTS = ["policy", "prices", "collateral", "scenarios"];
const DIGESTS = ["policy", "prices", "schema", "collateral", "scenarios", "events"];
const AUX_NAME = /^[A-Za-z0-9][A-Za-z0-9._:/#-]{0,255}\/(?:t|[yub](?:0|[1-9][0-9]{0,3}))$/;

export type Digests = ReadonlyMap<string, string>;
/** File name -> SHA-256, hex. */
export type Files = ReadonlyMap<string, string>;

export function readPoint(value: Json, where: string): Point {
  return pointFromBytes(fields.hexbytes(value, where, 33), where);
}

/** All six digests, "" for what is not there. */
export function readDigests(document: Json, where: string): Digests {
  const parts = fields.members(document, where, DIGESTS);
  const digests = new Map(DIGESTS.map((name) => [name, fields.digestOrEmpty(parts.get(name), parts.at(name))]));
  if (digests.get("events") !== "") {
    const message = "this attestation has a part that this version cannot check: events";
    throw unavailable(message, { where: parts.at("events"), code: "E_UNSUPPORTED" });
  }
  if (digests.get("schema") === "") {
    throw rejected("the schema is not bound", { where: parts.at("schema"), code: "E_BINDING" });
  }
  return digests;
}

/** The published files and their SHA-256, sorted by name. */
export function readFiles(subject: Json, where: string): Files {
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
  return files;
}

/** What the predicate holds beside the book, and whether each part has what it rests on. */
export function requireParts(parts: fields.Members, digests: Digests, files: Files, subject: string): void {
  const holdings = readHoldings(parts.get("holdings"), parts.at("holdings"));
  const aux = readAux(parts.get("aux"), parts.at("aux"));
  const claims = readClaims(parts.get("claims"), parts.at("claims"));
  requireDocuments(digests, parts.at("digests"));
  if (holdings > 0 && digests.get("collateral") === "") {
    throw rejected("holdings without a collateral snapshot", { where: parts.at("holdings"), code: "E_HOLDING" });
  }
  if (claims > 0 && digests.get("policy") === "") {
    throw rejected("claims without a policy", { where: parts.at("claims"), code: "E_CLAIM" });
  }
  if (aux > 0 && claims === 0) {
    throw rejected("auxiliary values that no claim creates", { where: parts.at("aux"), code: "E_AUX" });
  }
  requireFiles(files, digests, claims > 0, subject);
}

/** Sorted by pool, then asset, none twice. Returns how many there are. */
function readHoldings(document: Json, where: string): number {
  const items = fields.items(document, where, 64 * 4096);
  let last = "";
  items.forEach((item, i) => {
    const parts = fields.members(item, `${where}[${i}]`, ["pool", "asset", "public", "hidden"]);
    const pool = fields.name(parts.get("pool"), parts.at("pool"));
    const place = `${pool} ${fields.sym(parts.get("asset"), parts.at("asset"))}`; // a space sorts before every name
    fields.amount(parts.get("public"), parts.at("public"));
    if (parts.get("hidden") !== "") readPoint(parts.get("hidden"), parts.at("hidden"));
    if (place <= last) {
      const message = "holdings are not sorted by pool, then asset, or one stands twice";
      throw rejected(message, { where: parts.where, code: "E_HOLDING" });
    }
    last = place;
  });
  return items.length;
}

function readAux(document: Json, where: string): number {
  const found = [...fields.mapping(document, where, 2 ** 20)];
  found.forEach(([name, value], i) => {
    if (!AUX_NAME.test(name)) {
      throw rejected("no claim creates a value of this name", { where: `${where}[${i}]`, code: "E_AUX" });
    }
    readPoint(value, `${where}.${name}`);
  });
  return found.length;
}

function readClaims(document: Json, where: string): number {
  const names = fields.items(document, where, 4096).map((item, i) => {
    const parts = fields.members(item, `${where}[${i}]`, ["name", "kind", "parameters"]);
    fields.text(parts.get("kind"), parts.at("kind"));
    fields.mapping(parts.get("parameters"), parts.at("parameters"), 64);
    return fields.name(parts.get("name"), parts.at("name"));
  });
  if (new Set(names).size !== names.length) {
    throw rejected("two claims have one name", { where, code: "E_CLAIM" });
  }
  return names.length;
}

/** Everything rests on a policy. */
function requireDocuments(digests: Digests, where: string): void {
  const alone = DOCUMENTS.find((name) => digests.get(name) !== "" && digests.get("policy") === "");
  if (alone === undefined) return;
  const message = `${alone} without a policy that says how to read it`;
  throw rejected(message, { where: `${where}.${alone}`, code: "E_BINDING" });
}

/** Every document that is bound is published, and nothing else is. */
function requireFiles(files: Files, digests: Digests, claims: boolean, where: string): void {
  const bound = DOCUMENTS.filter((name) => digests.get(name) !== "").map((name) => `${name}.json`);
  const required = [...REQUIRED_FILES, ...bound, ...(digests.get("policy") === "" ? [] : ["root.json"])];
  const allowed = [...required, "sealed.bin", ...(claims ? ["claims.proof"] : [])];
  const missing = required.find((name) => !files.has(name));
  if (missing !== undefined) throw rejected(`${missing} is missing`, { where, code: "E_BINDING" });
  const unknown = [...files.keys()].find((name) => !allowed.includes(name));
  if (unknown !== undefined) {
    throw rejected(`${unknown} belongs to no part of this attestation`, { where, code: "E_BINDING" });
  }
}
