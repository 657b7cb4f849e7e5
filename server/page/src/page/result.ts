/** What is shown at the end: the verdict, the balances, the one question, what to do, what is not proved. */

import { toHex } from "../core/bytes";
import type { SolventError } from "../core/errors";
import type { VerifiedRow } from "../core/inclusion";
import type { Balance } from "../core/holdings";
import type { Reason } from "../core/outcome";
import { button, byId, list, make, paragraph } from "./dom";
import { localTime, shownAmount, t, utcTime, type Key } from "./texts";
import { firstContact, warnings } from "./notices";
import type { Trusted } from "./trust";

export type Verdict = "running" | "verified" | "old" | "failed" | "unchecked";

const MARKS: Readonly<Record<Verdict, string>> = { running: "◌", verified: "✓", old: "✓", failed: "✕", unchecked: "?" };

export function showVerdict(verdict: Verdict, title: string, summary: string): void {
  byId("banner", "div").dataset["verdict"] = verdict;
  byId("mark", "span").textContent = MARKS[verdict];
  byId("verdict", "h2").textContent = title;
  byId("summary", "p").textContent = summary;
}

/** The customer's own answer, or a key that is not the right one, turns a verified row into a failure. */
export function showFailure(summary: string): void {
  showVerdict("failed", t("failed"), summary);
  byId("verdict", "h2").focus();
}

export function showVerified(row: VerifiedRow, trusted: Trusted, old: boolean): void {
  const summary = summaryOf(row, old);
  const first = trusted.how === "first" ? ` ${t("verified.first")}` : "";
  const restore = (): void => {
    showVerdict(old ? "old" : "verified", t(old ? "verified.old" : "verified"), summary + first);
  };
  restore();
  byId("details", "div").replaceChildren(
    ...warnings(trusted, row),
    balances(row.balances),
    moment(row),
    ...(row.compared ? [] : [question(restore)]),
    ...firstContact(trusted),
    make("h3", {}, t("limits")),
    list(t("limits.1"), t("limits.2"), t("limits.3")),
  );
}

function summaryOf(row: VerifiedRow, old: boolean): string {
  if (old) return t("verified.old.summary", row.exchange);
  return t(row.compared ? "verified.compared" : "verified.summary", row.exchange);
}

export function showRefusal(verdict: "failed" | "unchecked", reason: Reason, error: SolventError, trusted: Trusted | null): void {
  const why = t(`why.${reason}` as Key, error.where);
  const nothing = verdict === "unchecked" ? ` ${t("unchecked.summary")}` : "";
  showVerdict(verdict, t(verdict), why + nothing);
  const changed = reason === "keyChanged" ? [loud(t("keyChanged.title"), t("keyChanged.text"))] : [];
  byId("details", "div").replaceChildren(
    ...changed,
    ...(reason === "holdings" ? [differences(error)] : []),
    make("h3", {}, t("todo")),
    paragraph(t(`why.${reason}.do` as Key)),
    technical(error, trusted),
  );
}

export function loud(title: string, ...content: readonly (Node | string)[]): HTMLElement {
  const heading = make("h3", {}, make("span", { class: "check-icon", "aria-hidden": "true" }, "!"), ` ${title}`);
  return make("div", { class: "loud", role: "alert" }, heading, ...content.map((item) => (typeof item === "string" ? paragraph(item) : item)));
}

function balances(found: readonly Balance[]): HTMLElement {
  if (found.length === 0) return paragraph(t("table.empty"), { class: "empty" });
  const heads = (["table.asset", "table.kind", "table.amount"] as const).map((key, i) =>
    make("th", { scope: "col", ...(i === 2 ? { class: "amount" } : {}) }, t(key)),
  );
  const rows = found.map(({ name, asset, kind, amount }) =>
    make(
      "tr",
      {},
      make("th", { scope: "row", translate: "no" }, name.split(":").length > 2 ? name : asset),
      make("td", {}, t(`kind.${kind}` as Key)),
      make("td", { class: "amount", translate: "no" }, shownAmount(amount)),
    ),
  );
  const caption = make("caption", {}, t("table.caption"));
  return make("table", { class: "balances" }, caption, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows));
}

function moment({ takenAt }: VerifiedRow): HTMLElement {
  const said = make("dd", {}, t("taken.local", localTime(takenAt)), make("br", {}), t("taken.utc", utcTime(takenAt)));
  return make("dl", { class: "moment" }, make("dt", {}, t("taken")), said);
}

/** The one question that mathematics cannot answer. */
function question(restore: () => void): HTMLElement {
  const box = make("section", { class: "question", "aria-labelledby": "question" });
  const title = (): HTMLElement => make("h3", { id: "question", tabindex: "-1" }, t("question"));
  const change = button("answer.change", "link", () => {
    restore();
    ask();
    byId("question", "h3").focus();
  });
  const answered = (...content: readonly HTMLElement[]): void => {
    box.replaceChildren(title(), ...content, change);
  };
  const wrong = (): void => {
    answered(list(t("answer.no.1"), t("answer.no.2"), t("answer.no.3")));
    showFailure(t("answer.no"));
  };
  const right = (): void => {
    answered(paragraph(t("answer.yes"), { class: "good" }));
    byId("question", "h3").focus();
  };
  const ask = (): void => {
    const choices = make("div", { class: "choices" }, button("yes", "primary", right), button("no", "danger", wrong));
    box.replaceChildren(title(), paragraph(t("question.hint")), choices);
  };
  ask();
  return box;
}

/** What the book says beside what the customer says. */
function differences(error: SolventError): HTMLElement {
  const heads = (["compare.name", "compare.book", "compare.own"] as const).map((key, i) =>
    make("th", { scope: "col", ...(i > 0 ? { class: "amount" } : {}) }, t(key)),
  );
  const rows = error.differences.map(({ name, book, own }) =>
    make(
      "tr",
      {},
      make("th", { scope: "row", translate: "no" }, name),
      ...[book, own].map((amount) => make("td", { class: "amount", translate: "no" }, shownAmount(amount))),
    ),
  );
  return make("table", { class: "balances" }, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows));
}

function technical(error: SolventError, trusted: Trusted | null): HTMLElement {
  const facts: readonly (readonly [string, string])[] = [
    ["", `${error.where}: ${error.message}`],
    ["", [error.code, error.step === "" ? "" : `step ${error.step}`].filter((part) => part !== "").join(", ")],
    [t("expected"), error.expected],
    [t("found"), error.found],
    [t("exchangeKey"), trusted === null ? "" : toHex(trusted.key)],
  ];
  const lines = facts
    .filter(([, value]) => value !== "")
    .map(([name, value]) => make("p", { class: "fact", translate: "no" }, name === "" ? value : `${name}: ${value}`));
  return make("details", { class: "technical" }, make("summary", {}, t("technical")), ...lines);
}
