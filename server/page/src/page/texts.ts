/** The catalogue: every sentence of the page, in each language. */

import german from "../../texts/de.json";
import english from "../../texts/en.json";

export type Key = keyof typeof english;
export type Language = "en" | "de";

const CATALOGUES: Readonly<Record<Language, Readonly<Record<Key, string>>>> = { en: english, de: german };

let language: Language = document.documentElement.lang.startsWith("de") ? "de" : "en";

export function currentLanguage(): Language {
  return language;
}

/** The sentence `key` with {0}, {1}, ... replaced. */
export function t(key: Key, ...values: readonly string[]): string {
  return CATALOGUES[language][key].replace(/\{(\d)\}/g, (_, i: string) => values[Number(i)] ?? "");
}

export function isKey(key: string): key is Key {
  return Object.hasOwn(english, key);
}

/** Write every fixed sentence of the page anew: only the page that works offline changes its language itself. */
export function setLanguage(chosen: Language): void {
  language = chosen;
  document.documentElement.lang = chosen;
  for (const element of document.querySelectorAll<HTMLElement>("[data-t]")) {
    const key = element.dataset["t"] ?? "";
    if (isKey(key)) element.textContent = t(key);
  }
}

/** An amount with the decimal mark of the language; no other mark is ever in it. */
export function shownAmount(amount: string): string {
  return language === "de" ? amount.replace(".", ",") : amount;
}

/** What was typed, with a point; null where it uses the other language's marks, which could mean thousands. */
export function typedAmount(text: string): string | null {
  const [mark, foreign] = language === "de" ? [",", "."] : [".", ","];
  return text.includes(foreign) ? null : text.replace(mark, ".");
}

const formats = new Map<string, Intl.DateTimeFormat>();

export function localTime(seconds: number): string {
  return formatted(seconds, {});
}

export function utcTime(seconds: number): string {
  return formatted(seconds, { timeZone: "UTC" });
}

function formatted(seconds: number, zone: { readonly timeZone?: string }): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return String(seconds);
  const name = `${language} ${zone.timeZone ?? ""}`;
  const format = formats.get(name) ?? new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short", ...zone });
  formats.set(name, format); // making one takes longer than a whole check
  return format.format(date);
}
