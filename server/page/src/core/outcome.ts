/** Three verdicts. Only a check that returned a verified row is "verified"; every exception is one of the other two. */

import { SolventError, unavailable } from "./errors";

/** Which plain sentences of the catalogue explain it: `why.<reason>` and `why.<reason>.do`. */
export type Reason =
  | "signature" | "keyChanged" | "fork" | "statement" | "binding" | "account" | "root" | "notInBook" | "notFound"
  | "sealed" | "holdings" | "duplicate" | "row" | "unreadable" | "answer" | "notABundle" | "missing" | "removed" | "noEpoch"
  | "noKey" | "network" | "busy" | "service" | "stopped" | "amount" | "unsupported" | "fault";

export type Outcome<T> =
  | { readonly verdict: "verified"; readonly value: T }
  | { readonly verdict: "failed" | "unchecked"; readonly reason: Reason; readonly error: SolventError };

const BY_CODE: Readonly<Record<string, Reason>> = {
  E_SIG_THRESHOLD: "signature",
  E_KEY_CHANGED: "keyChanged",
  E_FORK: "fork",
  E_BINDING: "binding",
  E_LENGTH: "binding",
  E_NOT_IN_BOOK: "notInBook",
  E_NOT_FOUND: "notFound",
  E_SEALED: "sealed",
  E_HOLDINGS: "holdings",
  E_DUPLICATE: "duplicate",
  E_NOT_A_BUNDLE: "notABundle",
  E_FILE: "missing",
  E_REMOVED: "removed",
  E_NO_EPOCH: "noEpoch",
  E_NO_KEY: "noKey",
  E_NETWORK: "network",
  E_BUSY: "busy",
  E_SERVICE: "service",
  E_STOPPED: "stopped",
  E_AMOUNT: "amount",
  E_UNSUPPORTED: "unsupported",
  E_INTERNAL: "fault",
};

/** Run a check; never rejects. */
export async function judge<T>(check: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { verdict: "verified", value: await check() };
  } catch (thrown) {
    const error = thrown instanceof SolventError ? thrown : fault(thrown);
    return { verdict: error.decided ? "failed" : "unchecked", reason: reasonOf(error), error };
  }
}

function reasonOf(error: SolventError): Reason {
  if (error.code === "E_INCLUSION" && error.step === "5.5") return "account";
  if (error.code === "E_INCLUSION") return error.step === "5.6" ? "root" : "row";
  return BY_CODE[error.code] ?? (error.decided ? "statement" : "unreadable");
}

function fault(thrown: unknown): SolventError {
  const what = thrown instanceof Error ? thrown.name : typeof thrown;
  return unavailable(`the page itself failed (${what})`, { where: "page", code: "E_INTERNAL" });
}
