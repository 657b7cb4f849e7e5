/** Making and finding elements. Text is always text: nothing here can turn data into markup. */

import { t, type Key } from "./texts";

type Child = Node | string;
type Attributes = Readonly<Record<string, string>>;

/** The element with this id, which the page's own markup holds. */
export function byId<K extends keyof HTMLElementTagNameMap>(id: string, tag: K): HTMLElementTagNameMap[K] {
  const element = document.getElementById(id);
  if (element === null || element.localName !== tag) throw new Error(`no ${tag} #${id}`);
  return element as HTMLElementTagNameMap[K];
}

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes,
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function paragraph(text: string, attributes: Attributes = {}): HTMLElement {
  return make("p", attributes, text);
}

export function button(key: Key, kind: string, action: () => void): HTMLButtonElement {
  const made = make("button", { type: "button", class: kind }, t(key));
  made.addEventListener("click", action);
  return made;
}

export function list(...texts: readonly string[]): HTMLElement {
  return make("ul", {}, ...texts.map((text) => make("li", {}, text)));
}

/** Hex in groups of four, for reading aloud and comparing; one long word for copying. */
export function grouped(hex: string): HTMLElement {
  const groups = hex.match(/.{1,4}/g) ?? [];
  return make("span", { class: "hex", translate: "no" }, ...groups.map((group) => make("span", {}, group)));
}

/** Let the page draw what changed. */
export function drawn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve);
  });
}

/** Hand `data` to the customer as a file. */
export function saveFile(name: string, data: Uint8Array, type: string): void {
  const url = URL.createObjectURL(new Blob([new Uint8Array(data)], { type }));
  const link = make("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
