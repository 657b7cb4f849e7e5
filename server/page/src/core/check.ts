/** The three ways to check: a row from the service, the whole files, a bundle. Each ends in `verifyInclusion`. */

import { bundleFromBytes, openingOf, requireSameAccount, type Bundle } from "./bundle";
import { equal, toHex, type Bytes } from "./bytes";
import { openBook, readEnvelope } from "./book";
import type { Envelope } from "./dsse";
import { malformed, rejected, unavailable } from "./errors";
import { verifyInclusion, type Book, type Opening, type VerifiedRow } from "./inclusion";
import { Leaves, type Found } from "./leaves";
import { openRow, ownRow, requireOwn, rowFromBytes, type Own } from "./row";
import { schemaFromBytes } from "./schema";
import { SealedFile } from "./sealedFile";
import { readSigned, type ByteStream, type Progress } from "./streams";

/** Steps in the order in which a customer sees them. */
export const STEPS = ["signature", "found", "mine", "opens", "root", "fresh"] as const;
export type Step = (typeof STEPS)[number];

/** Told of every step that holds, as it happens; `facts` are shown to the customer. */
export type Watch = (step: Step, facts: readonly string[]) => Promise<void>;

/** What the customer brings. `holdings` is null where they compare with their own eyes. */
export interface Customer {
  readonly accountId: string;
  readonly holdings: ReadonlyMap<string, string> | null;
}

/** A verified row, and what a bundle for keeping is made of. */
export interface Checked {
  readonly row: VerifiedRow;
  readonly opening: Opening;
  readonly book: Book;
}

/** Finds the exchange's key for an envelope, once it is read: typed, pinned, or met for the first time. */
export type KeyFor = (envelope: Envelope) => Promise<Bytes>;

/** One row that the service sent, as an untrusted answer to the id that the customer asked for. */
export async function checkRow(
  book: Book,
  customer: Customer,
  accountKey: Bytes,
  fetchRow: (id: string) => Promise<Bytes>,
  watch: Watch,
): Promise<Checked> {
  const own = ownRow(book, customer.accountId, accountKey);
  const row = rowFromBytes(await fetchRow(toHex(own.id)));
  await watch("found", [String(row.index), String(book.attestation.accounts)]);
  requireOwn(row, own);
  await watch("mine", [toHex(own.id)]);
  const checked = conclude(book, customer, openRow(book, row, own, accountKey));
  await watch("opens", []);
  await watch("root", [String(row.path.length)]);
  return checked;
}

/** The whole published files: the service learns nothing, and a missing row is certain. */
export async function checkFiles(
  book: Book,
  customer: Customer,
  accountKey: Bytes,
  files: { readonly leaves: ByteStream; readonly sealed: ByteStream | null },
  progress: Progress,
  watch: Watch,
): Promise<Checked> {
  const { files: digests, accounts } = book.attestation;
  const own = ownRow(book, customer.accountId, accountKey);
  const found = await findRow(book, own, files.leaves, progress);
  await watch("found", [String(found.index), String(accounts)]);
  await watch("mine", [toHex(own.id)]);
  const digest = digests.get("sealed.bin");
  if (digest === undefined || files.sealed === null) {
    throw unavailable("there are no sealed records to open", { where: "sealed.bin", code: "E_FILE" });
  }
  const reader = new SealedFile(accounts, found.index);
  const shown: Progress = (name, done) => progress(name, done, reader.size);
  await readSigned(files.sealed, digest, 0, shown, (piece) => reader.take(piece));
  const row = { ...found, id: own.id, sealed: reader.record() };
  const checked = conclude(book, customer, openRow(book, row, own, accountKey));
  await watch("opens", []);
  await watch("root", [String(found.path.length)]);
  return checked;
}

/** A bundle file, alone or with the attestation and the schema beside it. */
export async function checkBundle(
  data: Bytes,
  customer: Customer,
  beside: { readonly attestation: Bytes | null; readonly schema: Bytes | null },
  keyFor: KeyFor,
  watch: Watch,
): Promise<Checked> {
  const bundle = bundleFromBytes(data);
  const envelope = beside.attestation === null ? bundle.attestation : readEnvelope(beside.attestation);
  const schema = beside.schema === null ? bundle.schema : schemaFromBytes(beside.schema);
  if (envelope === null || schema === null) {
    const message = "the bundle does not carry the attestation and the schema";
    throw unavailable(message, { where: "bundle", code: "E_FILE" });
  }
  const book = openBook(envelope, schema, await keyFor(envelope));
  await watch("signature", bookFacts(book));
  requireSamePayload(bundle, book);
  await watch("found", [String(bundle.index), String(book.attestation.accounts)]);
  requireSameAccount(bundle, customer.accountId);
  const opening = openingOf(bundle, schema);
  const checked = conclude(book, customer, opening);
  await watch("mine", [checked.row.rowId]);
  await watch("opens", []);
  await watch("root", [String(opening.path.length)]);
  return checked;
}

/** What is said about a book when its signature holds. */
export function bookFacts({ attestation }: Book): readonly string[] {
  return [attestation.exchange, String(attestation.epoch)];
}

function conclude(book: Book, customer: Customer, opening: Opening): Checked {
  const row = verifyInclusion(book, customer.accountId, opening, customer.holdings);
  return { row, opening, book };
}

async function findRow(book: Book, own: Own, stream: ByteStream, progress: Progress): Promise<Found> {
  const { ctx, accounts, files, rootCommitment, rootHash } = book.attestation;
  requireSize(stream, 96 * accounts);
  const leaves = new Leaves(ctx, accounts, own.id);
  const digest = files.get("leaves.bin") ?? "";
  await readSigned(stream, digest, 96 * accounts, progress, (piece) => leaves.take(piece));
  const root = leaves.root();
  if (!root.C.equals(rootCommitment) || !equal(root.h, rootHash)) {
    throw rejected("the rows do not add up to the signed book", {
      where: "leaves.bin",
      code: "E_INCLUSION",
      step: "5.6",
      expected: toHex(rootHash),
      found: toHex(root.h),
    });
  }
  const found = leaves.found();
  if (found !== null) return found;
  throw rejected("no row of this book carries your id", {
    where: "leaves.bin",
    code: "E_NOT_IN_BOOK",
    step: "5.5",
    expected: toHex(own.id),
  });
}

function requireSize({ name, size }: ByteStream, expected: number): void {
  if (size === null || size === expected) return;
  throw malformed(`${expected} bytes are needed, ${size} found`, {
    where: name,
    code: "E_LENGTH",
    step: "8",
    expected: String(expected),
    found: String(size),
  });
}

function requireSamePayload(bundle: Bundle, book: Book): void {
  if (bundle.payload === book.payload) return;
  throw rejected("the bundle belongs to another attestation", {
    where: "bundle",
    code: "E_BINDING",
    step: "5.1",
    expected: book.payload,
    found: bundle.payload,
  });
}
