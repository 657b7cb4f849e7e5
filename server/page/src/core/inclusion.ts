/** Inclusion: a customer's own row is in the signed book (docs/protocol.md, section 5). */

import { accountBytes, rowId } from "./accounts";
import { requireSchema, type Attestation } from "./attestation";
import { equal, toHex, type Bytes } from "./bytes";
import { rejected } from "./errors";
import { bitGenerator, blinded, type Point } from "./group";
import { N } from "./hashing";
import { comparedBalances, readHoldings, requireEqual, type Balance, type Cells } from "./holdings";
import type { Column, Schema } from "./schema";
import { foldPath, leaf, type Node } from "./tree";

/** What opens a row: its position, non-zero cells by column index, blinding, salt and path (leaf upwards). */
export interface Opening {
  readonly index: number;
  readonly cells: Cells;
  readonly blinding: bigint;
  readonly salt: Bytes;
  readonly path: readonly Node[];
}

/** The signed book that a row is looked for in. */
export interface Book {
  readonly attestation: Attestation;
  readonly schema: Schema;
  /** SHA-256 of what was signed, hex. */
  readonly payload: string;
}

/** A row that was found in a signed book. Only `verifyInclusion` makes one. */
export interface VerifiedRow {
  readonly exchange: string;
  readonly epoch: number;
  readonly takenAt: number;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly payload: string;
  readonly accounts: number;
  readonly accountId: string;
  readonly index: number;
  readonly rowId: string;
  readonly balances: readonly Balance[];
  /** Whether the balances were compared with the customer's own records. */
  readonly compared: boolean;
}

/**
 * Check a row, in the order of section 5. Throws Malformed or Rejected naming the step.
 *
 * 1. (The caller checked the signature.) The row's position is one of the book.
 * 2. The salt has 32 bytes, the blinding is a scalar.
 * 3. The cells fit the signed schema's columns.
 * 4. Where holdings are given, they equal the cells in both directions.
 * 5. The id, from the CUSTOMER's account id, and the commitment and leaf are recomputed.
 * 6. The path has the computed length and leads to the signed root.
 */
export function verifyInclusion(
  book: Book,
  accountId: string,
  opening: Opening,
  holdings: ReadonlyMap<string, string> | null,
): VerifiedRow {
  const { attestation, schema } = book;
  requireSchema(attestation, schema);
  requirePosition(opening.index, attestation.accounts);
  requireSecrets(opening);
  requireCells(schema, opening.cells);
  if (holdings !== null) requireEqual(schema, opening.cells, readHoldings(schema, holdings));
  const id = rowId(opening.salt, accountBytes(accountId));
  const start = leaf(attestation.ctx, opening.index, commitRow(schema, opening), id);
  requireRoot(foldPath(start, opening.index, attestation.accounts, opening.path), attestation);
  return {
    exchange: attestation.exchange,
    epoch: attestation.epoch,
    takenAt: attestation.takenAt,
    issuedAt: attestation.issuedAt,
    expiresAt: attestation.expiresAt,
    payload: book.payload,
    accounts: attestation.accounts,
    accountId: accountId.normalize("NFC"),
    index: opening.index,
    rowId: toHex(id),
    balances: comparedBalances(schema, opening.cells),
    compared: holdings !== null,
  };
}

/** Step 1: j < N. */
export function requirePosition(index: number, accounts: number): void {
  if (index >= accounts) {
    throw rejected(`the book has no row ${index}`, { where: "index", code: "E_INCLUSION", step: "5.1" });
  }
}

/** Step 2. */
function requireSecrets({ salt, blinding }: Opening): void {
  if (salt.length !== 32) {
    throw rejected(`a salt has 32 bytes, not ${salt.length}`, { where: "salt", code: "E_INCLUSION", step: "5.2" });
  }
  if (blinding < 0n || blinding >= N) {
    throw rejected("the blinding is no scalar", { where: "blinding", code: "E_INCLUSION", step: "5.2" });
  }
}

/** Step 3: every cell belongs to a column and fits its bits. */
function requireCells(schema: Schema, cells: Cells): void {
  for (const [c, value] of cells) {
    const column = schema.columns[c];
    if (column === undefined) {
      throw rejected(`the schema has no column ${c}`, { where: "cells", code: "E_INCLUSION", step: "5.3" });
    }
    if (value < 0n || value >> BigInt(column.bits) !== 0n) {
      const where = `cell ${column.name}`;
      throw rejected(`does not fit ${column.bits} bits`, { where, code: "E_INCLUSION", step: "5.3" });
    }
  }
}

/** C_j, recomputed from the opened row: one generator per set bit, and the blinding. */
export function commitRow(schema: Schema, { cells, blinding }: Pick<Opening, "cells" | "blinding">): Point {
  let sum = blinded(blinding);
  for (const [c, value] of cells) {
    const { bits } = schema.columns[c] as Column;
    for (let b = 0; b < bits; b += 1) {
      if ((value >> BigInt(b)) & 1n) sum = sum.add(bitGenerator((schema.offsets[c] as number) + b));
    }
  }
  return sum;
}

/** Step 6: what the path leads to is what was signed. */
function requireRoot(root: Node, attestation: Attestation): void {
  if (!root.C.equals(attestation.rootCommitment) || !equal(root.h, attestation.rootHash)) {
    throw rejected("this row does not lead to the signed book", {
      where: "path",
      code: "E_INCLUSION",
      step: "5.6",
      expected: toHex(attestation.rootHash),
      found: toHex(root.h),
    });
  }
}

