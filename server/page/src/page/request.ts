/** What the customer asks for, read from the form; what is missing is said beside the form, before anything starts. */

import { accountBytes, readAccountKey, readExchangeKey } from "../core/accounts";
import type { Bytes } from "../core/bytes";
import { t, typedAmount, type Key } from "./texts";

export type Way = "fast" | "whole" | "file";

export interface Request {
  readonly way: Way;
  readonly accountId: string;
  readonly accountKey: Bytes | null;
  readonly exchangeKey: Bytes | null;
  readonly holdings: ReadonlyMap<string, string> | null;
  readonly epoch: number | null;
  readonly files: readonly File[];
  readonly pasted: string;
}

export interface Typed {
  readonly way: Way;
  readonly accountId: string;
  readonly accountKey: string;
  readonly exchangeKey: string;
  readonly held: string;
  readonly epoch: string;
  readonly files: readonly File[];
  readonly pasted: string;
}

/** Something that the customer must type or choose differently; `field` is where. */
export class Incomplete extends Error {
  constructor(
    readonly field: string,
    message: string,
  ) {
    super(message);
  }
}

/** Throws Incomplete. */
export function readRequest(typed: Typed): Request {
  const whole = typed.files.some((file) => file.name.endsWith("leaves.bin"));
  const needsKey = typed.way !== "file" || whole;
  if (typed.way === "file" && typed.files.length === 0 && typed.pasted.trim() === "") {
    throw new Incomplete("files", t("need.file"));
  }
  return {
    way: typed.way,
    accountKey: needsKey ? accountKey(typed.accountKey) : null,
    accountId: accountId(typed.accountId),
    exchangeKey: typed.exchangeKey.trim() === "" ? null : read("exchange-key", "bad.exchangeKey", () => readExchangeKey(typed.exchangeKey)),
    holdings: holdings(typed.held),
    epoch: epoch(typed.epoch.trim()),
    files: typed.files,
    pasted: typed.pasted,
  };
}

/** Spaces around an id come from copying; an id never has them at its ends. */
function accountId(typed: string): string {
  const id = typed.trim();
  if (id === "") throw new Incomplete("account", t("need.account"));
  read("account", "bad.account", () => accountBytes(id));
  return id;
}

function accountKey(typed: string): Bytes {
  if (typed.trim() === "") throw new Incomplete("key", t("need.key"));
  return read("key", "bad.key", () => readAccountKey(typed));
}

function epoch(typed: string): number | null {
  if (typed === "") return null;
  if (!/^[1-9][0-9]{0,14}$/.test(typed)) throw new Incomplete("epoch", t("need.epoch"));
  return Number(typed);
}

/** Lines of a name and an amount: "BTC 1.5", "BTC:debt 0.2", "BTC=1.5". */
function holdings(typed: string): ReadonlyMap<string, string> | null {
  const lines = typed.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  if (lines.length === 0) return null;
  return new Map(
    lines.map((line, i) => {
      const [, name, amount] = /^(\S+?)(?:\s*=\s*|\s+)(\S+)$/.exec(line) ?? [];
      const exact = amount === undefined ? null : typedAmount(amount);
      const twice = lines.slice(0, i).some((earlier) => /^[^\s=]+/.exec(earlier)?.[0] === name);
      if (name === undefined || exact === null || !/^[0-9]+(?:\.[0-9]+)?$/.test(exact) || twice) {
        throw new Incomplete("held", t("need.held", line));
      }
      return [name, exact] as const;
    }),
  );
}

function read<T>(field: string, message: Key, reader: () => T): T {
  try {
    return reader();
  } catch {
    throw new Incomplete(field, t(message));
  }
}
