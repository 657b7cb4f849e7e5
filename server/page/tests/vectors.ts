/**
 * Runs every vector and writes what came of each as JSON: {"name", "result": "verified" or kind, "code", "decided"}.
 *
 * tests/page/test_vectors.py compares with what the vector demands. Cases of an audit are run as a customer's check.
 */

import { readAccountKey, readExchangeKey, accountBytes } from "../src/core/accounts";
import { parseAmount } from "../src/core/amounts";
import { fromBase64, fromHex, type Bytes } from "../src/core/bytes";
import { decode } from "../src/core/canonical";
import { SolventError } from "../src/core/errors";
import * as fields from "../src/core/fields";
import { pointFromBytes, pointFromXy, scalarFromBytes } from "../src/core/group";
import { schemaFromBytes } from "../src/core/schema";
import { readText } from "../src/core/sealed";
import { attestationFromPayload, requireSchema } from "../src/core/attestation";
import { books, cases, checkBundleCase, checkMe, claims, content, type BookVector, type Case, type Files } from "./inputs";

const hex = (value: string): Bytes => {
  const data = fromHex(value);
  if (data === null) throw new Error(`not hex: ${value}`);
  return data;
};

const DECODERS: Readonly<Record<string, (value: string) => unknown>> = {
  point: (value) => pointFromBytes(hex(value), "point"),
  "point-xy": (value) => pointFromXy(hex(value), "point"),
  scalar: (value) => scalarFromBytes(hex(value), "scalar"),
  json: (value) => decode(fromBase64(value, "vector"), "json"),
  amount: (value) => fields.amount(value, "amount"),
  signed: (value) => fields.signed(value, "signed"),
  base64: (value) => fromBase64(value, "base64"),
  decimal: (value) => parseAmount(value, 8, "decimal"),
  "account-key": readAccountKey,
  "account-id": accountBytes,
  "exchange-key": readExchangeKey,
  "sealed-text": (value) => readText(hex(value), "sealed"),
};

const all = books();

function bookOf(name: string): BookVector {
  const book = all.get(name);
  if (book === undefined) throw new Error(`no book ${name}`);
  return book;
}

async function run({ target, base, files, given }: Case): Promise<unknown> {
  const decoder = DECODERS[target];
  if (decoder !== undefined) return decoder(given.value as string);
  if (target === "schema") {
    const entry = files["schema.json"];
    return entry ? schemaFromBytes(content(entry)) : null;
  }
  if (target === "claims") return statement({ ...claims().get(base)?.files, ...files });
  const book = bookOf(base);
  if (target === "bundle") return checkBundleCase(book, files, given);
  return checkMe(book, files, given);
}

/** What a customer's check reads of a statement with claims: whether the claims hold is an auditor's question. */
function statement(files: Files): void {
  const [payload, schema] = [files["attestation.payload.json"], files["schema.json"]];
  if (!payload || !schema) throw new Error("a statement without its documents");
  requireSchema(attestationFromPayload(content(payload)), schemaFromBytes(content(schema)));
}

/** The unchanged input of every kind of check, which must pass. */
function twins(): readonly Case[] {
  const empty = { base: "", files: {}, given: {} };
  const statements = [...claims().keys()].map((base) => ({ ...empty, name: `twin: ${base}`, base, target: "claims" }));
  const checks = [...all.values()].flatMap((book) => [
    ...book.openings
      .map((opening, i) => ({ ...empty, name: `twin: ${book.name}: row ${i}`, base: book.name, target: "me", given: { opening: i, holdings: opening.holdings } }))
      .filter(() => book.files["sealed.bin"]),
    ...book.bundles.map((_, i) => ({
      ...empty,
      name: `twin: ${book.name}: bundle ${i}`,
      base: book.name,
      target: "bundle",
      given: { bundle: i },
      files: { "attestation.json": book.files["attestation.json"] ?? null, "schema.json": book.files["schema.json"] ?? null },
    })),
    { ...empty, name: `twin: ${book.name}: schema`, target: "schema", files: { "schema.json": book.files["schema.json"] ?? null } },
  ]);
  return [...statements, ...checks];
}

async function result(vector: Case): Promise<object> {
  try {
    await run(vector);
    return { name: vector.name, result: "verified" };
  } catch (error) {
    if (!(error instanceof SolventError)) return { name: vector.name, result: "fault", code: String(error) };
    const { kind, code, step, decided } = error;
    return { name: vector.name, result: kind, code, step, decided };
  }
}

const results: object[] = [];
for (const vector of [...twins(), ...cases()]) results.push(await result(vector));
process.stdout.write(JSON.stringify(results));
