/** Who has asked for anything: those let in, those that wait, those kept out, as the hub last told it. */

import type { Budget, Caller, CallerView, Effect, Error as HubError, Rule } from "../api/bindings.ts";
import type { Hub } from "../api/hub.ts";
import { asHubError } from "../api/transport.ts";
import { shown } from "../visible.ts";
import { callerKey } from "../words.ts";
import { answered } from "./answered.ts";

const admittedAs = (admission: CallerView["admission"]["admission"]) => (view: CallerView) =>
  view.admission.admission === admission;

/** Names stand in sentences and labels: what is odd about one is to be seen there too. */
const plainly = (view: CallerView): CallerView => ({ ...view, name: shown(view.name) });

/** By name, so that rows stay where they are while things happen. */
const byName = (a: CallerView, b: CallerView): number =>
  a.name.localeCompare(b.name) || callerKey(a.caller).localeCompare(callerKey(b.caller));

export class Callers {
  all = $state<CallerView[]>([]);
  /** Why they couldn't be listed. */
  trouble = $state<HubError | null>(null);
  readonly #hub: Hub;

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  find(caller: Caller): CallerView | undefined {
    const key = callerKey(caller);
    return this.all.find((view) => callerKey(view.caller) === key);
  }

  /** The one that has waited longest comes first. */
  get waiting(): CallerView[] {
    const since = ({ admission }: CallerView) => (admission.admission === "waiting" ? admission.since : "");
    return this.all.filter(admittedAs("waiting")).sort((a, b) => since(a).localeCompare(since(b)) || byName(a, b));
  }

  get agents(): CallerView[] {
    return this.all.filter(admittedAs("admitted")).filter(({ caller }) => caller.kind === "agent").sort(byName);
  }

  get programs(): CallerView[] {
    return this.all.filter(admittedAs("admitted")).filter(({ caller }) => caller.kind !== "agent").sort(byName);
  }

  get refused(): CallerView[] {
    return this.all.filter(admittedAs("refused")).sort(byName);
  }

  async load(): Promise<void> {
    this.trouble = null;
    try {
      this.all = (await this.#hub.listCallers()).map(plainly);
    } catch (thrown) {
      this.trouble = asHubError(thrown);
    }
  }

  put(view: CallerView): void {
    const key = callerKey(view.caller);
    const at = this.all.findIndex((known) => callerKey(known.caller) === key);
    if (at < 0) this.all.push(plainly(view));
    else this.all[at] = plainly(view);
  }

  remove(caller: Caller): void {
    const key = callerKey(caller);
    this.all = this.all.filter((known) => callerKey(known.caller) !== key);
  }

  admit = async ({ caller }: CallerView, admit: boolean, writes: Effect): Promise<void> =>
    this.#answered(caller, this.#hub.admitCaller($state.snapshot(caller), admit, writes));

  setRules = async ({ caller }: CallerView, rules: Rule[], writes: Effect, budget: Budget): Promise<void> => {
    const asked = $state.snapshot({ caller, rules, budget });
    await this.#answered(caller, this.#hub.setRules(asked.caller, asked.rules, writes, asked.budget));
  };

  clearTaint = async ({ caller }: CallerView): Promise<void> =>
    this.#answered(caller, this.#hub.clearTaint($state.snapshot(caller)));

  #answered(caller: Caller, asked: Promise<CallerView>): Promise<void> {
    return answered(() => this.find(caller), asked, (answer) => this.put(answer));
  }

  forget = async ({ caller }: CallerView): Promise<void> => {
    await this.#hub.forgetCaller($state.snapshot(caller));
    this.remove(caller);
  };
}
