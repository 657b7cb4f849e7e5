/** What is said about the key: first contact, a change, another exchange than before. */

import { toHex } from "../core/bytes";
import type { VerifiedRow } from "../core/inclusion";
import { copyButton } from "./copy";
import { button, grouped, make, paragraph } from "./dom";
import { loud, showFailure } from "./result";
import { forgetExchange, knownExchanges, rememberExchange } from "./storage";
import { t, type Key } from "./texts";
import type { Trusted } from "./trust";

/** What must be seen before anything else. */
export function warnings(trusted: Trusted, row: VerifiedRow): readonly HTMLElement[] {
  return [
    ...(trusted.others.length > 0 ? [otherExchange(trusted)] : []),
    ...(trusted.how === "differs" ? [differs(trusted, row)] : []),
  ];
}

/** The key to compare, as long as the customer has not said that they did. */
export function firstContact(trusted: Trusted): readonly HTMLElement[] {
  const known = knownExchanges().get(trusted.exchange);
  const uncompared = trusted.how === "first" || (trusted.how === "known" && known?.compared === false);
  return uncompared ? [comparing(trusted)] : [];
}

function otherExchange({ exchange, others }: Trusted): HTMLElement {
  return loud(t("other.title"), t("other.text", others.join(", "), exchange));
}

function differs(trusted: Trusted, row: VerifiedRow): HTMLElement {
  const box = make("div", { class: "choices" });
  box.append(
    button("differs.take", "plain-button", () => {
      rememberExchange(trusted.exchange, { key: toHex(trusted.key), compared: true, books: { [row.epoch]: row.payload } });
      box.replaceChildren(paragraph(t("differs.taken")));
    }),
  );
  return loud(
    t("differs.title"),
    t("differs.text", trusted.exchange),
    keyLine("known.before", trusted.known?.key ?? ""),
    keyLine("known.now", toHex(trusted.key)),
    box,
  );
}

function comparing({ exchange, key }: Trusted): HTMLElement {
  const box = make("section", { class: "card", "aria-labelledby": "first" });
  const title = make("h3", { id: "first", tabindex: "-1" }, t("first.title"));
  const same = button("first.yes", "plain-button", () => {
    const known = knownExchanges().get(exchange);
    if (known !== undefined) rememberExchange(exchange, { ...known, compared: true });
    box.replaceChildren(title, paragraph(t("first.done"), { class: "good" }));
    title.focus();
  });
  const different = button("first.no", "plain-button", () => {
    forgetExchange(exchange);
    box.replaceChildren(title, paragraph(t("why.signature.do")));
    showFailure(t("why.signature"));
  });
  const shown = make("p", { class: "key" }, make("span", {}, t("key.of", exchange)), ...copyable(toHex(key)));
  box.append(title, paragraph(t("first.text")), shown, make("div", { class: "choices" }, same, different));
  return box;
}

function keyLine(key: Key, hex: string): HTMLElement {
  return make("p", { class: "key" }, make("span", {}, t(key)), ...copyable(hex));
}

/** A key to compare, with a button that copies it. */
function copyable(hex: string): readonly HTMLElement[] {
  const button = copyButton(hex, { copy: t("copy"), copied: t("copied"), failed: t("copyFailed") });
  return button === null ? [grouped(hex)] : [grouped(hex), button];
}
