/** What can go wrong, sorted by what the reader should do about it: the kinds of verifier/errors.py. */

export type Kind = "Malformed" | "Rejected" | "Unavailable";

export interface Facts {
  /** File, row or field. */
  readonly where?: string;
  /** Stable name for machines and for the page's catalogue of plain sentences. */
  readonly code: string;
  /** Step of docs/protocol.md that refused. */
  readonly step?: string;
  readonly expected?: string;
  readonly found?: string;
  /** Each difference from the customer's own records. */
  readonly differences?: readonly Difference[];
}

/** One holding, as decimal text: what the book says and what the customer says. */
export interface Difference {
  readonly name: string;
  readonly book: string;
  readonly own: string;
}

/** The only error that the functions of this directory throw on purpose. */
export class SolventError extends Error {
  readonly where: string;
  readonly code: string;
  readonly step: string;
  readonly expected: string;
  readonly found: string;
  readonly differences: readonly Difference[];
  /** Whether the exchange is shown to be wrong: it signed what is malformed, or what it says does not hold. */
  decided: boolean;

  constructor(
    readonly kind: Kind,
    message: string,
    facts: Facts,
  ) {
    super(message);
    this.where = facts.where ?? "";
    this.code = facts.code;
    this.step = facts.step ?? "";
    this.expected = facts.expected ?? "";
    this.found = facts.found ?? "";
    this.differences = facts.differences ?? [];
    this.decided = kind === "Rejected";
  }
}

/** These bytes are not what they claim to be. */
export function malformed(message: string, facts: Facts): SolventError {
  return new SolventError("Malformed", message, facts);
}

/** Well formed, and what it claims does not hold. */
export function rejected(message: string, facts: Facts): SolventError {
  return new SolventError("Rejected", message, facts);
}

/** Nothing was decided: something is missing. */
export function unavailable(message: string, facts: Facts): SolventError {
  return new SolventError("Unavailable", message, facts);
}

/** Read what a signature covers: bytes that are no statement are then the signer's fault, not a damaged file. */
export function signedContent<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SolventError && error.kind === "Malformed") error.decided = true;
    throw error;
  }
}
