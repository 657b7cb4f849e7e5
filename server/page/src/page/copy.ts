/** Buttons that copy a number or a command. Where the browser lets no page copy there are none. */

const SHOWN_MS = 2000;
const NAMED = 24;

export interface Words {
  readonly copy: string;
  readonly copied: string;
  readonly failed: string;
}

/** A button that copies `text` and says so, also to whoever does not see it; null where copying is impossible. */
export function copyButton(text: string, words: Words): HTMLButtonElement | null {
  const clipboard: Clipboard | undefined = navigator.clipboard;
  if (clipboard === undefined) return null;
  const made = document.createElement("button");
  made.type = "button";
  made.className = "copy";
  made.textContent = words.copy;
  const name = `${words.copy}: ${text.trim().slice(0, NAMED)}`;
  made.setAttribute("aria-label", name);
  announcer();
  made.addEventListener("click", () => {
    clipboard.writeText(text).then(
      () => say(made, words.copied, words.copy),
      () => say(made, words.failed, words.copy),
    );
  });
  return made;
}

function say(button: HTMLButtonElement, said: string, before: string): void {
  button.textContent = said;
  announcer().textContent = said;
  setTimeout(() => {
    button.textContent = before;
    announcer().textContent = "";
  }, SHOWN_MS);
}

/** Where screen readers listen; it has to stand there before anything is said. */
function announcer(): HTMLElement {
  const there = document.querySelector<HTMLElement>(".said");
  if (there !== null) return there;
  const made = document.createElement("p");
  made.className = "said";
  made.setAttribute("role", "status");
  (document.querySelector("main") ?? document.body).append(made);
  return made;
}
