/** Sealed records: a row that only its customer's account_key opens (docs/protocol.md, section 8). */

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, equal, fromInteger, toInteger, u16, u64, utf8, type Bytes } from "./bytes";
import { rejected } from "./errors";
import { N } from "./hashing";

const RECORD = 256;
const TAG = 16;
const KEY_INFO = utf8("solvent/1/sealed");

/** What a record says: the blinding r_j and the non-zero cells by column index, columns rising. */
export interface OpenedRow {
  readonly blinding: bigint;
  readonly cells: ReadonlyMap<number, bigint>;
}

/** The size of the record that holds `length` bytes, tag included: 256, 1024, 4096, ... */
export function recordSize(length: number): number {
  let size = RECORD;
  while (size < length) size *= 4;
  return size;
}

/** Whether a record can be this long. */
export function isRecordSize(size: number): boolean {
  return size >= RECORD && recordSize(size) === size;
}

/** Open a record and read it strictly. Throws Rejected (E_SEALED): an honest exchange's record always opens. */
export function openRecord(key: Bytes, ctx: Bytes, index: number, point: Bytes, record: Bytes): OpenedRow {
  const recordKey = hkdf(sha256, key, ctx, concat(KEY_INFO, point), 32);
  let text: Bytes;
  try {
    text = chacha20poly1305(recordKey, new Uint8Array(12), concat(u64(index), point)).decrypt(record);
  } catch {
    throw rejected("this account key does not open the row's sealed record", {
      where: `row ${index}`,
      code: "E_SEALED",
      step: "8",
    });
  }
  return readText(text, `row ${index}`);
}

/** Parse the text of a record; whatever would not be written back byte for byte is refused. */
export function readText(text: Bytes, where: string): OpenedRow {
  const opened = parsed(text);
  if (opened === null || !equal(plainText(text.subarray(0, 32), opened.cells), text)) {
    throw rejected("the sealed record is not in its one valid form", { where, code: "E_SEALED", step: "8" });
  }
  return opened;
}

/** r_j || u16 count || (u16 column, u8 length, value)..., padded with zeros to the record's size less the tag. */
function plainText(blinding: Bytes, cells: ReadonlyMap<number, bigint>): Bytes {
  const entries = [...cells].map(([column, value]) => {
    const length = value === 0n ? 0 : Math.ceil(value.toString(16).length / 2);
    return concat(u16(column), Uint8Array.of(length), fromInteger(value, length));
  });
  const text = concat(blinding, u16(cells.size), ...entries);
  return concat(text, new Uint8Array(recordSize(text.length + TAG) - TAG - text.length));
}

/** The record's parts, or null where it ends early, holds no scalar, or its cells are out of order or size. */
function parsed(text: Bytes): OpenedRow | null {
  const blinding = toInteger(text.subarray(0, 32));
  if (text.length < 34 || blinding >= N) return null;
  const cells = new Map<number, bigint>();
  let position = 34;
  let previous = -1;
  for (let left = Number(toInteger(text.subarray(32, 34))); left > 0; left -= 1) {
    const column = Number(toInteger(text.subarray(position, position + 2)));
    const length = text[position + 2] ?? 0;
    if (column <= previous || length < 1 || length > 16) return null;
    cells.set(column, toInteger(text.subarray(position + 3, position + 3 + length)));
    position += 3 + length;
    previous = column;
  }
  return { blinding, cells };
}
