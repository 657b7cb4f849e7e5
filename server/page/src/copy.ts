/** Puts a button beside every digest, key and command of a page; its words stand at the script's element. */

import { copyButton } from "./page/copy";

const { copy = "", copied = "", failed = "" } = document.currentScript?.dataset ?? {};
for (const part of document.querySelectorAll<HTMLElement>("main .hash, main pre")) {
  const button = copyButton(part.textContent ?? "", { copy, copied, failed });
  if (button !== null) part.after(button);
}
