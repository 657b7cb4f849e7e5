/** A row as the service sends it: found by an id that the customer computed, opened with the customer's own key. */

import { accountBytes, rowId, rowSalt } from "./accounts";
import { equal, fromBase64, toHex, type Bytes } from "./bytes";
import { parse, type Json } from "./canonical";
import { rejected } from "./errors";
import * as fields from "./fields";
import { pointFromBytes, pointToBytes, type Point } from "./group";
import { requirePosition, type Book, type Opening } from "./inclusion";
import { openRecord } from "./sealed";
import type { Node } from "./tree";

/** Position, commitment, id and path of one row, and its sealed record; nothing is verified yet. */
export interface Row {
  readonly index: number;
  readonly commitment: Point;
  readonly id: Bytes;
  readonly path: readonly Node[];
  readonly sealed: Bytes;
}

/** What only the customer knows of their row: both follow from account id and account key. */
export interface Own {
  readonly salt: Bytes;
  readonly id: Bytes;
}

export function ownRow(book: Book, accountId: string, accountKey: Bytes): Own {
  const salt = rowSalt(accountKey, book.attestation.ctx);
  return { salt, id: rowId(salt, accountBytes(accountId)) };
}

/** Parse the service's answer: members that it may add later are not read. Throws Malformed. */
export function rowFromBytes(data: Bytes, where = "row"): Row {
  const parts = new fields.Members(fields.mapping(parse(data, where), where, 64), where);
  const path = fields.items(parts.get("path") ?? null, parts.at("path"), 40);
  const commitment = fields.hexbytes(parts.get("commitment") ?? null, parts.at("commitment"), 33);
  return {
    index: fields.integer(parts.get("index") ?? null, parts.at("index")),
    commitment: pointFromBytes(commitment, parts.at("commitment")),
    id: fields.hexbytes(parts.get("id") ?? null, parts.at("id"), 32),
    path: path.map((item, i) => sibling(item, `${parts.at("path")}[${i}]`)),
    sealed: fromBase64(parts.get("sealed") ?? null, parts.at("sealed")),
  };
}

/** Throws Rejected (E_NOT_IN_BOOK) when the row carries another id than the customer's. */
export function requireOwn(row: Row, own: Own): void {
  if (equal(row.id, own.id)) return;
  throw rejected("the row carries another id than yours", {
    where: "row",
    code: "E_NOT_IN_BOOK",
    step: "5.5",
    expected: toHex(own.id),
    found: toHex(row.id),
  });
}

/** Open the sealed record with the customer's key. Throws Rejected (E_SEALED, E_INCLUSION). */
export function openRow(book: Book, row: Row, own: Own, accountKey: Bytes): Opening {
  const { ctx, accounts } = book.attestation;
  requirePosition(row.index, accounts);
  const opened = openRecord(accountKey, ctx, row.index, pointToBytes(row.commitment), row.sealed);
  return { index: row.index, cells: opened.cells, blinding: opened.blinding, salt: own.salt, path: row.path };
}

function sibling(item: Json, where: string): Node {
  const parts = new fields.Members(fields.mapping(item, where, 8), where);
  const C = pointFromBytes(fields.hexbytes(parts.get("C") ?? null, parts.at("C"), 33), parts.at("C"));
  return { C, h: fields.hexbytes(parts.get("h") ?? null, parts.at("h"), 32) };
}
