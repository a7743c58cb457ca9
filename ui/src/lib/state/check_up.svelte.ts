/** One look at everything: which checks there are, what each found so far, and the report once all are done. */

import type { DoctorCause, DoctorProgress, Error as HubError, Finding, RemedyAction } from "../api/bindings.ts";
import { asHubError } from "../api/transport.ts";
import type { App } from "./app.svelte.ts";

/** Something the window can do about a finding. The hub names what is its own; where the settings are, only the window knows. */
export type Step = RemedyAction | { action: "open_network" };

const MENDED_IN_NETWORK: ReadonlySet<DoctorCause["kind"]> = new Set(["proxy_refuses", "proxy_silent", "proxy_not_found", "proxy_wants_sign_in", "intercepted"]);

export const stepOf = ({ action, cause }: Finding): Step | null => action ?? (MENDED_IN_NETWORK.has(cause.kind) ? { action: "open_network" } : null);

export class CheckUp {
  readonly #app: App;
  checks = $state<string[]>([]);
  findings = $state.raw<ReadonlyMap<string, Finding>>(new Map());
  /** Of those that aren't good, in the order in which they were found: nothing is pushed down by a later one. */
  troubles = $state.raw<readonly Finding[]>([]);
  report = $state<string | null>(null);
  running = $state(false);
  error = $state.raw<HubError | null>(null);

  constructor(app: App) {
    this.#app = app;
  }

  async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    this.error = null;
    this.report = null;
    this.findings = new Map();
    this.troubles = [];
    const leave = this.#app.watchDoctor((progress) => this.#take(progress));
    try {
      const { findings, report } = await this.#app.hub.doctor();
      this.checks = findings.map(({ check }) => check);
      // Another face's look may have told of the same checks meanwhile; this one is what was asked for.
      for (const finding of findings) this.#put(finding);
      this.report = report;
    } catch (thrown) {
      this.error = asHubError(thrown);
    } finally {
      leave();
      this.running = false;
    }
  }

  #take(progress: DoctorProgress): void {
    if (progress.step === "began") this.checks = progress.checks;
    else this.#put(progress.finding);
  }

  #put(finding: Finding): void {
    this.findings = new Map(this.findings).set(finding.check, finding);
    const at = this.troubles.findIndex(({ check }) => check === finding.check);
    if (finding.verdict === "good") this.troubles = this.troubles.filter((_, index) => index !== at);
    else if (at < 0) this.troubles = [...this.troubles, finding];
    else this.troubles = this.troubles.with(at, finding);
  }
}
