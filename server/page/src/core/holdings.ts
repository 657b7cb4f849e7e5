/** What the customer says they hold and owe, compared with what the book says (docs/protocol.md, 5 step 4). */

import { formatAmount, parseAmount } from "./amounts";
import { malformed, rejected, type Difference } from "./errors";
import { isCompared, type Column, type Schema } from "./schema";

/** Column index -> base units; a column that is not there holds zero. */
export type Cells = ReadonlyMap<number, bigint>;

export interface Balance {
  readonly name: string;
  readonly asset: string;
  readonly kind: string;
  readonly units: bigint;
  readonly amount: string;
}

/** The non-zero cells that a customer is meant to compare, in column order. */
export function comparedBalances(schema: Schema, cells: Cells): readonly Balance[] {
  return schema.columns.flatMap((column, c) => {
    const units = cells.get(c) ?? 0n;
    if (units === 0n || !isCompared(column)) return [];
    const amount = formatAmount(units, column.decimals);
    return [{ name: holdingName(schema, column), asset: column.asset, kind: column.kind, units, amount }];
  });
}

/**
 * Column index -> base units, from names as a customer says them: BTC, BTC:debt, BTC:collateral:NAME.
 *
 * Throws Rejected (E_HOLDINGS) when the book has no column for a holding, Malformed (E_AMOUNT) for what is no number.
 */
export function readHoldings(schema: Schema, holdings: ReadonlyMap<string, string>): Cells {
  const units = new Map<number, bigint>();
  for (const [name, text] of holdings) {
    const position = columnFor(schema, name);
    if (position === null) {
      if (parseAmount(text, 80, name) !== 0n) throw withoutColumn(name, text);
      continue;
    }
    if (units.has(position)) throw malformed(`${name} is given twice`, { where: name, code: "E_AMOUNT" });
    units.set(position, parseAmount(text, (schema.columns[position] as Column).decimals, name));
  }
  return units;
}

/** Throws Rejected (E_HOLDINGS) naming every difference, in both directions. */
export function requireEqual(schema: Schema, cells: Cells, held: Cells): void {
  const differing: readonly Difference[] = schema.columns.flatMap((column, c) => {
    const [book, own] = [cells.get(c) ?? 0n, held.get(c) ?? 0n];
    if (!isCompared(column) || book === own) return [];
    const name = holdingName(schema, column);
    return [{ name, book: formatAmount(book, column.decimals), own: formatAmount(own, column.decimals) }];
  });
  if (differing.length === 0) return;
  throw rejected("the book differs from your own records", {
    where: "holdings",
    code: "E_HOLDINGS",
    step: "5.4",
    expected: differing.map(({ name, own }) => `${name} ${own}`).join(", "),
    found: differing.map(({ name, book }) => `${name} ${book}`).join(", "),
    differences: differing,
  });
}

/** How a customer names this column. */
export function holdingName(schema: Schema, { name, asset, kind }: Column): string {
  const alike = schema.columns.filter((column) => column.asset === asset && column.kind === kind);
  if (alike.length > 1) return `${asset}:${kind}:${name}`;
  return kind === "balance" ? asset : `${asset}:${kind}`;
}

function columnFor(schema: Schema, name: string): number | null {
  const [asset = "", kind = "", ...rest] = name.split(":");
  const wanted = rest.join(":");
  const matching = [...schema.columns.keys()].filter((c) => {
    const column = schema.columns[c] as Column;
    const named = wanted === "" || wanted === column.name;
    return isCompared(column) && column.asset === asset && column.kind === (kind || "balance") && named;
  });
  if (matching.length > 1) {
    throw malformed(`${name} could be several columns`, { where: name, code: "E_AMOUNT" });
  }
  return matching[0] ?? null;
}

function withoutColumn(name: string, text: string): Error {
  return rejected(`you hold or owe ${text} ${name}, and the book has no column for it`, {
    where: name,
    code: "E_HOLDINGS",
    step: "5.4",
    expected: `${name} ${text}`,
    differences: [{ name, book: "-", own: text }],
  });
}
