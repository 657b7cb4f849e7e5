/** One check on the page: steps as they happen, then the verdict, then what can be saved. */

import type { Step } from "../core/check";
import type { Ahead } from "./ahead";
import { button, byId, drawn, paragraph, make, saveFile } from "./dom";
import { showRefusal, showVerdict, showVerified } from "./result";
import type { Request, Way } from "./request";
import { Session, type Result } from "./session";
import { Steps } from "./steps";
import { localTime, t, type Key } from "./texts";
import { newestSeen } from "./trust";

const CLOCK_SLACK = 300;
const DRAW_EVERY = 60;
const JSON_TYPE = "application/json";

export class Run {
  private readonly abort = new AbortController();
  private readonly steps: Steps;
  private readonly session: Session;
  private readonly way: Way;
  private lastDrawn = performance.now();

  constructor(
    request: Request,
    private readonly base: string | null,
    private readonly back: () => void,
    ahead: Ahead,
  ) {
    this.way = request.way;
    byId("run", "section").hidden = false;
    for (const id of ["details", "actions"]) byId(id, "div").replaceChildren();
    this.steps = new Steps();
    const view = {
      step: (step: Step, facts: readonly string[]) => this.step(step, facts),
      progress: (name: string, done: number, total: number) => this.progress(name, done, total),
    };
    this.session = new Session(request, base, view, this.abort.signal, ahead);
  }

  stop(): void {
    this.abort.abort();
  }

  async start(): Promise<void> {
    showVerdict("running", t("running"), t("running.summary"));
    const stop = byId("stop", "button");
    stop.onclick = () => this.stop();
    stop.hidden = false;
    const outcome = await this.session.run();
    stop.hidden = true;
    byId("status", "p").textContent = "";
    const actions = outcome.verdict === "verified" ? this.verified(outcome.value) : this.refused(outcome);
    const again = button("again", "plain-button", this.back);
    byId("actions", "div").replaceChildren(...actions, make("div", { class: "choices" }, button("print", "plain-button", () => print()), again));
    byId("verdict", "h2").focus();
  }

  private async step(step: Step, facts: readonly string[]): Promise<void> {
    this.steps.holds(step, t(`fact.${step}` as Key, ...facts));
    await drawn();
  }

  /** Say how far a large file is, and let the page breathe. */
  private async progress(name: string, done: number, total: number): Promise<void> {
    if (performance.now() - this.lastDrawn < DRAW_EVERY) return;
    const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
    const end = total > 0 ? megabytes(total) : "?";
    byId("status", "p").textContent = t("reading", name, megabytes(done), end);
    await drawn();
    this.lastDrawn = performance.now();
  }

  private verified(result: Result): readonly HTMLElement[] {
    const { row } = result.checked;
    const old = this.fresh(result);
    showVerified(row, result.trusted, old);
    const name = `solvent-${row.epoch}-${row.rowId.slice(0, 16)}-PRIVATE.json`;
    return [
      make("h3", {}, t("save")),
      paragraph(t("save.bundle.says")),
      make("div", { class: "choices" }, button("save.bundle", "plain-button", () => saveFile(name, result.copy(), JSON_TYPE)), ...this.offlinePage()),
    ];
  }

  /** The last step: how old the book is. Returns whether it has expired. */
  private fresh({ checked: { row }, trusted }: Result): boolean {
    const now = Date.now() / 1000;
    const newest = newestSeen(trusted);
    if (now >= row.expiresAt) this.steps.holds("fresh", t("fact.old", localTime(row.expiresAt)), "warn");
    else if (row.issuedAt > now + CLOCK_SLACK) this.steps.holds("fresh", t("fact.future"), "warn");
    else if (newest > row.epoch) this.steps.holds("fresh", t("fact.earlier", String(newest)), "warn");
    else this.steps.holds("fresh", t("fact.fresh", localTime(row.takenAt)));
    return now >= row.expiresAt;
  }

  private refused(outcome: Exclude<Awaited<ReturnType<Session["run"]>>, { verdict: "verified" }>): readonly HTMLElement[] {
    const { verdict, error } = outcome;
    const reason = outcome.reason === "unreadable" && this.way !== "file" ? "answer" : outcome.reason;
    this.steps.endsAt(reason, verdict === "failed");
    showRefusal(verdict, reason, error, this.session.key);
    if (verdict !== "failed") return [];
    const save = button("save.evidence", "plain-button", () => {
      saveFile("solvent-evidence-PRIVATE.json", this.session.evidence(error, new Date()), JSON_TYPE);
    });
    const says = this.session.evidenceIsOpen ? "save.evidence.bundle" : "save.evidence.says";
    return [make("h3", {}, t("save.evidence")), paragraph(t(says)), make("div", { class: "choices" }, save)];
  }

  private offlinePage(): readonly HTMLElement[] {
    if (this.base === null) return [];
    return [make("a", { class: "plain-button", href: "/verifier.html", download: "verifier.html" }, t("save.page"))];
  }
}

