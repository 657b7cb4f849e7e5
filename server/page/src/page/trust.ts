/** Whose key: typed by the customer, remembered from an earlier visit, or met for the first time. */

import { claimedExchange } from "../core/book";
import { fromHex, toHex, type Bytes } from "../core/bytes";
import { keyId, type Envelope } from "../core/dsse";
import { rejected, unavailable } from "../core/errors";
import type { Book } from "../core/inclusion";
import { knownExchanges, rememberExchange, type Known } from "./storage";

export interface Trusted {
  readonly exchange: string;
  readonly key: Bytes;
  /** How the key came; `differs`: typed, and not the one this device knows. */
  readonly how: "typed" | "known" | "first" | "differs";
  readonly known: Known | null;
  /** Names of other exchanges this device has met, where this one is new. */
  readonly others: readonly string[];
}

/** Asks the service which keys it offers; null where there is no service. */
export type OfferedKeys = (() => Promise<readonly string[]>) | null;

/** Throws Rejected (E_KEY_CHANGED), Unavailable (E_NO_KEY). */
export async function trustedKey(envelope: Envelope, typed: Bytes | null, offered: OfferedKeys): Promise<Trusted> {
  const exchange = claimedExchange(envelope);
  const all = knownExchanges();
  const known = all.get(exchange) ?? null;
  const others = known === null ? [...all.keys()] : [];
  const remembered = known === null ? null : fromHex(known.key);
  if (typed !== null) {
    const how = known !== null && known.key !== toHex(typed) ? "differs" : "typed";
    return { exchange, key: typed, how, known, others };
  }
  if (remembered !== null) {
    requireSignedBy(envelope, remembered);
    return { exchange, key: remembered, how: "known", known, others };
  }
  return { exchange, key: await firstKey(envelope, offered), how: "first", known, others };
}

/** Throws Rejected (E_FORK) where this device saw another book of this number, signed with the same key. */
export function requireSameBook(trusted: Trusted, { attestation, payload }: Book): void {
  const seen = trusted.known?.key === toHex(trusted.key) ? trusted.known.books[String(attestation.epoch)] : undefined;
  if (seen === undefined || seen === payload) return;
  const facts = { where: `book ${attestation.epoch}`, code: "E_FORK", expected: String(seen), found: payload };
  throw rejected("two different books of one number are signed", facts);
}

/** The newest book that this device has seen, or 0. */
export function newestSeen({ known }: Trusted): number {
  return Math.max(0, ...Object.keys(known?.books ?? {}).map(Number).filter(Number.isSafeInteger));
}

/** Keep what was met. A typed key that differs from the known one is kept only when the customer says so. */
export function remember(trusted: Trusted, book: { readonly epoch: number; readonly payload: string }): void {
  if (trusted.how === "differs") return;
  const books = { ...trusted.known?.books, [String(book.epoch)]: book.payload };
  const compared = trusted.how === "typed" || (trusted.known?.compared ?? false);
  rememberExchange(trusted.exchange, { key: toHex(trusted.key), compared, books });
}

function requireSignedBy(envelope: Envelope, key: Bytes): void {
  if (envelope.signatures.has(keyId(key))) return;
  throw rejected("it is signed with another key than the one this device knows", {
    where: "attestation.json",
    code: "E_KEY_CHANGED",
    step: "5.1",
    expected: keyId(key),
    found: [...envelope.signatures.keys()].join(" "),
  });
}

/** The key that the service offers for this envelope. */
async function firstKey(envelope: Envelope, offered: OfferedKeys): Promise<Bytes> {
  const keys = offered === null ? [] : await offered();
  const signing = keys.map(fromHex).find((key) => key?.length === 32 && envelope.signatures.has(keyId(key)));
  if (signing === undefined || signing === null) {
    throw unavailable("no key is known for this exchange", { where: "exchange key", code: "E_NO_KEY" });
  }
  return signing;
}
