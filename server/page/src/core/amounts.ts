/** Amounts as people write them, exactly: decimal text in, whole base units out, and back. No floats. */

import { malformed } from "./errors";

const DECIMAL = /^([0-9]{1,60})(?:\.([0-9]{1,80}))?$/;

/** Base units of a non-negative decimal number such as 1.50. Throws Malformed (E_AMOUNT). */
export function parseAmount(text: string, decimals: number, where: string): bigint {
  const match = DECIMAL.exec(text);
  if (match === null) {
    throw malformed(`${JSON.stringify(text.slice(0, 40))} is not a decimal number`, { where, code: "E_AMOUNT" });
  }
  const fraction = (match[2] ?? "").replace(/0+$/, "");
  if (fraction.length > decimals) {
    throw malformed(`${text.slice(0, 40)} has more than ${decimals} decimals`, { where, code: "E_AMOUNT" });
  }
  return BigInt(`${match[1]}${fraction.padEnd(decimals, "0")}`);
}

/** `value` base units as a decimal number, without trailing zeros. */
export function formatAmount(value: bigint, decimals: number): string {
  const digits = value.toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return fraction === "" ? whole : `${whole}.${fraction}`;
}
