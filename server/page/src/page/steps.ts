/** The list of steps: every one named before it is checked, marked when it is. A mark is an icon and a word. */

import { STEPS, type Step } from "../core/check";
import type { Reason } from "../core/outcome";
import { byId, make } from "./dom";
import { t, type Key } from "./texts";

export type State = "waiting" | "now" | "ok" | "warn" | "failed" | "unknown";

const MARKS: Readonly<Record<State, string>> = { waiting: "○", now: "◌", ok: "✓", warn: "!", failed: "✕", unknown: "?" };

/** Which step a refusal belongs to, where it is not the one that was being checked. */
const STEP_OF: Partial<Record<Reason, Step>> = {
  signature: "signature",
  keyChanged: "signature",
  fork: "signature",
  statement: "signature",
  notInBook: "found",
  notFound: "found",
  duplicate: "found",
  account: "mine",
  sealed: "opens",
  holdings: "opens",
  root: "root",
};

export class Steps {
  private readonly states = new Map<Step, State>();

  constructor() {
    byId("steps", "ol").replaceChildren(...STEPS.map((step) => make("li", { id: `step-${step}` })));
    for (const step of STEPS) this.mark(step, "waiting", "");
    this.mark("signature", "now", "");
  }

  /** A step holds; the next one begins. */
  holds(step: Step, fact: string, state: State = "ok"): void {
    this.mark(step, state, fact);
    const next = STEPS[STEPS.indexOf(step) + 1];
    if (next !== undefined && this.states.get(next) === "waiting") this.mark(next, "now", "");
  }

  /** The check ended here. What was not reached stays open. */
  endsAt(reason: Reason, failed: boolean): void {
    const ending = STEP_OF[reason] ?? STEPS.find((step) => this.states.get(step) === "now") ?? "signature";
    for (const step of STEPS) {
      const state = this.states.get(step);
      if (step === ending) this.mark(step, failed ? "failed" : "unknown", "");
      else if (state === "now" || state === "waiting") this.mark(step, "unknown", "");
    }
  }

  private mark(step: Step, state: State, fact: string): void {
    this.states.set(step, state);
    const title = make("strong", {}, t(`step.${step}` as Key));
    const said = make("span", { class: "state" }, t(`state.${state}` as Key));
    const line = byId(`step-${step}`, "li");
    line.dataset["state"] = state;
    const icon = make("span", { class: "check-icon", "aria-hidden": "true" }, MARKS[state]);
    const details = fact === "" ? [] : [make("span", { class: "fact", translate: "no" }, fact)];
    line.replaceChildren(icon, make("div", {}, title, " ", said, ...details));
  }
}
