/** The page: takes the key out of the address, reads the form, runs one check at a time, shows what came of it. */

import { arrived, takeKey } from "./fragment";
import { Ahead } from "./ahead";
import { Form } from "./form";
import { Run } from "./run";
import { Incomplete } from "./request";
import { setLanguage } from "./texts";

function start(): void {
  const root = document.getElementById("check");
  if (root === null) return;
  const base = root.dataset["api"] ?? null;
  const form = new Form(base, arrived);
  const ahead = new Ahead(base);
  if (form.hasKey) ahead.begin();
  root.addEventListener("input", () => ahead.begin(), { once: true });
  let run: Run | null = null;
  form.onSubmit(() => {
    try {
      const request = form.read();
      form.hide();
      run = new Run(request, base, () => form.show(), ahead);
      void run.start();
    } catch (error) {
      if (!(error instanceof Incomplete)) throw error;
      form.complain(error);
    }
  });
  addEventListener("hashchange", () => {
    const key = takeKey();
    if (key === null) return;
    run?.stop();
    form.show();
    form.keyArrived(key);
    ahead.begin();
  });
  for (const button of document.querySelectorAll<HTMLElement>("[data-language]")) {
    button.addEventListener("click", () => setLanguage(button.dataset["language"] === "de" ? "de" : "en"));
  }
}

start();
