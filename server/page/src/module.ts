/**
 * The check as a module for programs: asks a service for one row, and checks it on the computer that asks.
 *
 * The service learns which row is asked for, and nothing else: neither the account id nor the account key is sent.
 */

import { readAccountKey, readExchangeKey } from "./core/accounts";
import { openBook, readEnvelope } from "./core/book";
import { checkRow } from "./core/check";
import { rejected } from "./core/errors";
import type { VerifiedRow } from "./core/inclusion";
import { judge } from "./core/outcome";
import { schemaFromBytes } from "./core/schema";
import { Service } from "./page/service";

/** What is asked. */
export interface Question {
  /** Where the service is: "https://proof.exchange.example". */
  readonly site: string;
  /** The account id as the exchange writes it. */
  readonly accountId: string;
  /** The account key, "slv_k_...". It opens the row on this computer. */
  readonly accountKey: string;
  /** The exchange's public key, 64 hex digits, from a place that the service does not control. */
  readonly exchangeKey: string;
  /** The number of a book; without it the newest. */
  readonly epoch?: number;
  /** Your own record, name of the balance to exact decimals: without it, compare the balances yourself. */
  readonly holdings?: Readonly<Record<string, string>>;
}

/** One balance of the row, in exact decimals. */
export interface Holding {
  readonly name: string;
  readonly asset: string;
  /** "balance", "debt", ...: whether it is owed to you or by you. */
  readonly kind: string;
  readonly amount: string;
}

/** The row is in the signed book. Times are POSIX seconds. */
export interface Verified {
  readonly verdict: "verified";
  readonly exchange: string;
  readonly epoch: number;
  /** SHA-256 of what was signed, hex: compare it with what others were shown. */
  readonly digest: string;
  readonly takenAt: number;
  readonly expiresAt: number;
  readonly balances: readonly Holding[];
  /** Whether the balances were compared with `holdings`. */
  readonly compared: boolean;
}

/** "failed": something signed is wrong. "unchecked": nothing was decided. `code` is a stable name. */
export interface Refused {
  readonly verdict: "failed" | "unchecked";
  readonly code: string;
  readonly message: string;
  readonly where: string;
}

/** Check one row. Never rejects. */
export async function check(question: Question): Promise<Verified | Refused> {
  const outcome = await judge(() => ask(question));
  if (outcome.verdict === "verified") return told(outcome.value);
  const { code, message, where } = outcome.error;
  return { verdict: outcome.verdict, code, message, where };
}

async function ask({ site, epoch, accountId, accountKey, exchangeKey, holdings }: Question): Promise<VerifiedRow> {
  const [key, exchange] = [readAccountKey(accountKey), readExchangeKey(exchangeKey)];
  const service = new Service(`${site.replace(/\/+$/, "")}/v1`, new AbortController().signal);
  const number = epoch ?? (await service.latest());
  const envelope = readEnvelope(await service.document(number, "attestation.json"));
  const book = openBook(envelope, schemaFromBytes(await service.document(number, "schema.json")), exchange);
  if (book.attestation.epoch !== number) {
    throw rejected("the service shows another book than the one asked for", {
      where: "attestation.json",
      code: "E_BINDING",
      step: "5.1",
      expected: String(number),
      found: String(book.attestation.epoch),
    });
  }
  const customer = { accountId, holdings: holdings === undefined ? null : new Map(Object.entries(holdings)) };
  const row = (id: string): ReturnType<Service["row"]> => service.row(number, id);
  return (await checkRow(book, customer, key, row, async () => undefined)).row;
}

function told({ exchange, epoch, payload, takenAt, expiresAt, balances, compared }: VerifiedRow): Verified {
  const held = balances.map(({ name, asset, kind, amount }) => ({ name, asset, kind, amount }));
  return { verdict: "verified", exchange, epoch, digest: payload, takenAt, expiresAt, balances: held, compared };
}
