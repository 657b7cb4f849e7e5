/** Every row of every positive book: found, opened and led to the root, with the values on the way. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { toHex } from "../src/core/bytes";
import { formatAmount } from "../src/core/amounts";
import { bundleFromBytes, bundleToBytes } from "../src/core/bundle";
import { isCompared } from "../src/core/schema";
import { pointToBytes } from "../src/core/group";
import { commitRow } from "../src/core/inclusion";
import { books, checkBundleCase, checkMe, content } from "./inputs";

for (const book of books().values()) {
  const rows = book.files["sealed.bin"] ? book.openings : [];
  rows.forEach((opening, i) => {
    test(`${book.name}: row ${i}`, async () => {
      const { row, opening: opened, book: signed } = await checkMe(book, {}, { opening: i, holdings: opening.holdings });
      assert.equal(row.index, opening.index);
      assert.equal(row.rowId, opening.row_id);
      assert.equal(row.compared, true);
      assert.equal(toHex(pointToBytes(commitRow(signed.schema, opened))), opening.commitment);
      assert.deepEqual(opened.path.map(({ C, h }) => ({ C: toHex(pointToBytes(C)), h: toHex(h) })), opening.path);
      const held = signed.schema.columns.flatMap((column, c) => {
        const units = opened.cells.get(c) ?? 0n;
        return isCompared(column) && units > 0n ? [formatAmount(units, column.decimals)] : [];
      });
      assert.deepEqual(row.balances.map(({ amount }) => amount), held);
    });

    test(`${book.name}: row ${i} kept as a bundle stands alone`, async () => {
      const { row, opening: opened, book: signed } = await checkMe(book, {}, { opening: i });
      const [attestation, schema] = [book.files["attestation.json"], book.files["schema.json"]];
      assert.ok(attestation && schema);
      const { payload, accountId } = row;
      const documents = { attestationFile: content(attestation), schemaFile: content(schema) };
      const file = bundleToBytes({ payload, accountId, opening: opened, schema: signed.schema, ...documents });
      assert.equal(bundleFromBytes(file).accountId, accountId);
      const text = new TextDecoder().decode(file);
      assert.ok(!text.includes(opening.account_key), "the account key is in the bundle");
      const again = await checkBundleCase(book, { "bundle.json": { text } }, { account_id: accountId });
      assert.equal(again.row.rowId, row.rowId);
    });
  });
}
