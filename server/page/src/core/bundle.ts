/** A bundle: one customer's row in one file, for keeping and for checking offline (docs/protocol.md, section 8). */

import { accountBytes } from "./accounts";
import { PAYLOAD_TYPE } from "./attestation";
import { equal, fromInteger, toHex, utf8, type Bytes } from "./bytes";
import { decode, encode, type Json } from "./canonical";
import { envelopeFromJson, type Envelope } from "./dsse";
import { malformed, rejected } from "./errors";
import * as fields from "./fields";
import { pointFromBytes, pointToBytes, scalarFromBytes } from "./group";
import type { Opening } from "./inclusion";
import { MAX_COLUMNS, schemaFromJson, type Column, type Schema } from "./schema";
import type { Node } from "./tree";

export const BUNDLE_TYPE = "solvent:bundle/v1";
const MEMBERS = ["type", "payload", "index", "account_id", "cells", "blinding", "salt", "path"];

/** `payload` is the digest of the attestation meant; `cells` holds the non-zero amounts by column name. */
export interface Bundle {
  readonly payload: string;
  readonly index: number;
  readonly accountId: string;
  readonly cells: ReadonlyMap<string, bigint>;
  readonly blinding: bigint;
  readonly salt: Bytes;
  readonly path: readonly Node[];
  readonly attestation: Envelope | null;
  readonly schema: Schema | null;
}

/** Parse canonical bytes. Throws Malformed or Rejected. */
export function bundleFromBytes(data: Bytes, where = "bundle"): Bundle {
  const parts = fields.members(decode(data, where), where, MEMBERS, ["attestation", "schema"]);
  fields.constant(parts.get("type"), parts.at("type"), BUNDLE_TYPE);
  const cells = fields.mapping(parts.get("cells"), parts.at("cells"), MAX_COLUMNS);
  const path = fields.items(parts.get("path"), parts.at("path"), 40);
  return {
    payload: fields.digest(parts.get("payload"), parts.at("payload")),
    index: fields.integer(parts.get("index"), parts.at("index")),
    accountId: accountId(parts.get("account_id"), parts.at("account_id")),
    cells: new Map([...cells].map(([name, value]) => [name, cell(value, `${parts.at("cells")}.${name.slice(0, 96)}`)])),
    blinding: scalarFromBytes(
      fields.hexbytes(parts.get("blinding"), parts.at("blinding"), 32),
      parts.at("blinding"),
    ),
    salt: salt(parts.get("salt"), parts.at("salt")),
    path: path.map((item, i) => node(item, `${parts.at("path")}[${i}]`)),
    attestation: parts.has("attestation")
      ? envelopeFromJson(parts.get("attestation"), PAYLOAD_TYPE, parts.at("attestation"))
      : null,
    schema: parts.has("schema") ? schemaFromJson(parts.get("schema"), parts.at("schema")) : null,
  };
}

/** The row it opens, its cells by column index. Throws Rejected for a cell without a column (5.3). */
export function openingOf(bundle: Bundle, schema: Schema): Opening {
  const position = new Map(schema.columns.map(({ name }, c) => [name, c]));
  const cells = [...bundle.cells].map(([name, value]) => {
    const c = position.get(name);
    if (c === undefined) {
      const message = `the signed schema has no column ${JSON.stringify(name.slice(0, 96))}`;
      throw rejected(message, { where: "cells", code: "E_INCLUSION", step: "5.3" });
    }
    return [c, value] as const;
  });
  return { ...bundle, cells: new Map(cells) };
}

/** Throws Rejected (E_INCLUSION) unless the customer typed the account id that the bundle is for. */
export function requireSameAccount(bundle: Bundle, typed: string): void {
  if (!equal(accountBytes(bundle.accountId), accountBytes(typed))) {
    throw rejected("the bundle is for another account id than the one you typed", {
      where: "bundle",
      code: "E_INCLUSION",
      step: "5.5",
    });
  }
}

/** A bundle file that stands alone, from a row and the two public documents that go with it. */
export function bundleToBytes(row: {
  readonly payload: string;
  readonly accountId: string;
  readonly opening: Opening;
  readonly schema: Schema;
  readonly attestationFile: Bytes;
  readonly schemaFile: Bytes;
}): Bytes {
  const { opening, schema } = row;
  const cells = [...opening.cells].map(([c, value]) => [(schema.columns[c] as Column).name, value.toString()] as const);
  const path = opening.path.map(({ C, h }) => new Map([["C", toHex(pointToBytes(C))] as const, ["h", toHex(h)] as const]));
  return encode(
    new Map<string, Json>([
      ["type", BUNDLE_TYPE],
      ["payload", row.payload],
      ["index", opening.index],
      ["account_id", row.accountId.normalize("NFC")],
      ["cells", new Map(cells)],
      ["blinding", toHex(fromInteger(opening.blinding, 32))],
      ["salt", toHex(opening.salt)],
      ["path", path],
      ["attestation", decode(row.attestationFile, "attestation.json")],
      ["schema", decode(row.schemaFile, "schema.json")],
    ]),
  );
}

function cell(value: Json, where: string): bigint {
  const units = fields.amount(value, where);
  if (units === 0n) throw malformed("a bundle lists non-zero cells only", { where, code: "E_FIELD" });
  return units;
}

/** An account id in its one spelling, NFC. */
function accountId(value: Json, where: string): string {
  const text = fields.text(value, where, 256);
  if (!equal(accountBytes(text), utf8(text))) {
    throw malformed("is not in Unicode form NFC", { where, code: "E_ACCOUNT" });
  }
  return text;
}

/** Any number of bytes; section 5 step 2 is what insists on 32. */
function salt(value: Json, where: string): Bytes {
  const digits = fields.text(value, where);
  return fields.hexbytes(digits, where, Math.floor(digits.length / 2));
}

function node(item: Json, where: string): Node {
  const parts = fields.members(item, where, ["C", "h"]);
  const C = pointFromBytes(fields.hexbytes(parts.get("C"), parts.at("C"), 33), parts.at("C"));
  return { C, h: fields.hexbytes(parts.get("h"), parts.at("h"), 32) };
}

