/** What this device keeps: exchanges it has met and, only where asked, who the customer is. */

const EXCHANGES = "solvent.check.exchanges";
const ME = "solvent.check.me";
const MOST_BOOKS = 64;

/** An exchange that this device has met. */
export interface Known {
  readonly key: string;
  /** Whether the customer said that they compared the key elsewhere. */
  readonly compared: boolean;
  /** Epoch -> digest of what was signed, for the newest books seen: a second book of one epoch is a fork. */
  readonly books: Readonly<Record<string, string>>;
}

export interface Me {
  readonly accountId: string;
  readonly accountKey: string;
}

export function knownExchanges(): ReadonlyMap<string, Known> {
  const stored = read(EXCHANGES);
  if (!isRecord(stored)) return new Map();
  return new Map(Object.entries(stored).filter((entry): entry is [string, Known] => isKnown(entry[1])));
}

export function rememberExchange(name: string, known: Known): void {
  const newest = Object.entries(known.books).sort(([a], [b]) => Number(b) - Number(a)).slice(0, MOST_BOOKS);
  const all = new Map(knownExchanges()).set(name, { ...known, books: Object.fromEntries(newest) });
  write(EXCHANGES, Object.fromEntries(all));
}

export function forgetExchange(name: string): void {
  write(EXCHANGES, Object.fromEntries([...knownExchanges()].filter(([known]) => known !== name)));
}

export function rememberedMe(): Me | null {
  const stored = read(ME);
  if (!isRecord(stored)) return null;
  const { accountId, accountKey } = stored;
  return typeof accountId === "string" && typeof accountKey === "string" ? { accountId, accountKey } : null;
}

export function rememberMe(me: Me): void {
  write(ME, me);
}

export function forgetMe(): void {
  try {
    localStorage.removeItem(ME);
  } catch {
    return; // nothing is kept here, so there is nothing to forget
  }
}

function isKnown(value: unknown): value is Known {
  return (
    isRecord(value) &&
    typeof value["key"] === "string" &&
    /^[0-9a-f]{64}$/.test(value["key"]) &&
    typeof value["compared"] === "boolean" &&
    isRecord(value["books"])
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Storage may be switched off or hold anything: then nothing is known. */
function read(name: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "null");
  } catch {
    return null;
  }
}

function write(name: string, value: unknown): void {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    return; // the next visit is a first contact again, and says so
  }
}
