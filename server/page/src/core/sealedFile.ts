/** sealed.bin: a table of offsets, then one sealed record per row; all of it is read, one record kept (section 8). */

import type { Bytes } from "./bytes";
import { rejected } from "./errors";
import { isRecordSize } from "./sealed";

export class SealedFile {
  private readonly table: Uint8Array;
  private readonly view: DataView;
  private position = 0;
  private kept: Uint8Array = new Uint8Array(0);
  private start = 0;

  constructor(
    private readonly accounts: number,
    private readonly index: number,
  ) {
    this.table = new Uint8Array(8 * (accounts + 1));
    this.view = new DataView(this.table.buffer);
  }

  /** Take the next bytes of the file. Throws Rejected (E_SEALED) when the table is complete and wrong. */
  take(piece: Bytes): void {
    const missing = this.table.length - this.position;
    if (missing > 0) this.table.set(piece.subarray(0, missing), this.position);
    if (missing > 0 && piece.length >= missing) this.requireLayout();
    const from = Math.max(this.start - this.position, 0);
    const to = this.start + this.kept.length - this.position;
    if (this.kept.length > 0 && from < piece.length && to > 0) {
      this.kept.set(piece.subarray(from, to), this.position + from - this.start);
    }
    this.position += piece.length;
  }

  /** The record of the row, after the last byte. Throws Rejected (E_SEALED). */
  record(): Bytes {
    if (this.position < this.table.length) throw broken("ends within its table of offsets");
    if (this.offset(this.accounts) !== this.position) throw broken("does not end where its table says");
    return this.kept;
  }

  /** How long the file is by its own table; 0 before that was read. Only for showing how far the reading is. */
  get size(): number {
    return this.kept.length > 0 ? this.offset(this.accounts) : 0;
  }

  private requireLayout(): void {
    if (this.offset(0) !== this.table.length) throw broken("does not begin after its table of offsets");
    for (let i = 0; i < this.accounts; i += 1) {
      if (!isRecordSize(this.offset(i + 1) - this.offset(i))) {
        throw broken("has a record of a size that no record can have");
      }
    }
    this.start = this.offset(this.index);
    this.kept = new Uint8Array(this.offset(this.index + 1) - this.start);
  }

  private offset(i: number): number {
    return Number(this.view.getBigUint64(8 * i));
  }
}

function broken(what: string): Error {
  return rejected(what, { where: "sealed.bin", code: "E_SEALED", step: "8" });
}
