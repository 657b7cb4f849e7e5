/** The form: what the customer types, what came with the link, what this device remembers. */

import { readAccountKey } from "../core/accounts";
import { byId, make } from "./dom";
import { readRequest, Incomplete, type Request, type Way } from "./request";
import { forgetMe, knownExchanges, rememberedMe, rememberMe } from "./storage";
import { t } from "./texts";

export class Form {
  private readonly form = byId("form", "form");
  private linkKey: string | null = null;
  private files: readonly File[] = [];

  constructor(
    private readonly base: string | null,
    arrived: string | null,
  ) {
    byId("no-script", "div").hidden = true;
    this.form.hidden = false;
    if (base === null) byId("ways", "fieldset").hidden = true;
    if (base === null && knownExchanges().size === 0) this.form.querySelector(".more")?.setAttribute("open", "");
    this.recall();
    if (arrived !== null) this.keyArrived(arrived);
    this.watch();
    this.arrange();
  }

  onSubmit(action: () => void): void {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      action();
    });
  }

  /** Whether a key came with the link or is remembered: then a check is near. */
  get hasKey(): boolean {
    return this.linkKey !== null || byId("key", "input").value !== "";
  }

  /** What is asked for. Throws Incomplete. */
  read(): Request {
    this.calm();
    const request = readRequest({
      way: this.way,
      accountId: byId("account", "input").value,
      accountKey: this.linkKey ?? byId("key", "input").value,
      exchangeKey: byId("exchange-key", "input").value,
      held: byId("held", "textarea").value,
      epoch: byId("epoch", "input").value,
      files: this.files,
      pasted: byId("pasted", "textarea").value,
    });
    if (byId("remember", "input").checked) {
      rememberMe({ accountId: request.accountId, accountKey: this.linkKey ?? byId("key", "input").value.trim() });
    }
    return request;
  }

  hide(): void {
    this.form.hidden = true;
  }

  show(): void {
    byId("run", "section").hidden = true;
    this.form.hidden = false;
    byId("account", "input").focus();
  }

  /** A key came in the address: kept in this page's memory, and nowhere else. */
  keyArrived(key: string): void {
    try {
      readAccountKey(key);
      this.linkKey = key;
    } catch {
      this.linkKey = null;
      this.complain(new Incomplete("key", t("bad.link")));
    }
    this.arrange();
  }

  /** Say what is missing, beside the field that needs it. */
  complain({ field, message }: Incomplete): void {
    byId("problem", "p").textContent = message;
    const element = document.getElementById(field);
    element?.closest("details")?.setAttribute("open", "");
    element?.setAttribute("aria-invalid", "true");
    element?.focus();
  }

  private calm(): void {
    byId("problem", "p").textContent = "";
    for (const element of this.form.querySelectorAll("[aria-invalid]")) element.removeAttribute("aria-invalid");
  }

  private get way(): Way {
    if (this.base === null) return "file";
    const chosen = this.form.querySelector<HTMLInputElement>("input[name=way]:checked")?.value;
    return chosen === "whole" || chosen === "file" ? chosen : "fast";
  }

  /** Show only what this way of checking needs. */
  private arrange(): void {
    const file = this.way === "file";
    const bundle = file && !this.files.some(({ name }) => name.endsWith("leaves.bin"));
    byId("field-file", "div").hidden = !file;
    byId("key-arrived", "p").hidden = bundle || this.linkKey === null;
    byId("field-key", "div").hidden = bundle || this.linkKey !== null;
    byId("field-remember", "label").hidden = bundle || rememberedMe() !== null;
    byId("field-epoch", "div").hidden = file;
  }

  private recall(): void {
    const me = rememberedMe();
    byId("remembered", "p").hidden = me === null;
    if (me === null) return;
    byId("account", "input").value = me.accountId;
    byId("key", "input").value = me.accountKey;
  }

  private forget(): void {
    forgetMe();
    byId("remembered", "p").hidden = true;
    byId("remember", "input").checked = false;
    for (const id of ["account", "key"]) byId(id, "input").value = "";
    this.arrange();
    byId("account", "input").focus();
  }

  private watch(): void {
    for (const radio of this.form.querySelectorAll("input[name=way]")) {
      radio.addEventListener("change", () => this.arrange());
    }
    byId("key-other", "button").addEventListener("click", () => {
      this.linkKey = null;
      this.arrange();
      byId("key", "input").focus();
    });
    byId("forget", "button").addEventListener("click", () => this.forget());
    const input = byId("files", "input");
    input.addEventListener("change", () => this.take([...(input.files ?? [])]));
    this.watchDrops(byId("drop", "div"));
  }

  private watchDrops(place: HTMLElement): void {
    const over = (inside: boolean) => (event: DragEvent) => {
      event.preventDefault();
      place.classList.toggle("over", inside);
    };
    place.addEventListener("dragover", over(true));
    place.addEventListener("dragleave", over(false));
    place.addEventListener("drop", (event) => {
      over(false)(event);
      const dropped = event.dataTransfer?.files ?? null;
      byId("files", "input").files = dropped;
      this.take([...(dropped ?? [])]);
    });
  }

  private take(files: readonly File[]): void {
    this.files = files;
    const names = (files.length > 1 ? files : []).map(({ name }) => make("li", { translate: "no" }, name));
    byId("files-list", "ul").replaceChildren(...names);
    this.arrange();
  }
}
