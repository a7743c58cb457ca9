/** Writes: those that are open or were just made, kept up to date by the hub's events. */

import type { Action, ActionId, ActionView, ConnectionId, Progress, Resolution } from "../api/bindings.ts";
import type { Hub } from "../api/hub.ts";
import { answered } from "./answered.ts";

/** Nothing happens any more by itself: `ActionState::is_over`. */
export function isOver({ state }: ActionView): boolean {
  if (state.state === "awaiting_approval" || state.state === "queued" || state.state === "sending") return false;
  return state.state !== "outcome_unknown" || !state.asking;
}

/** The person has to decide what became of it. */
export const needsDecision = ({ state }: ActionView): boolean => state.state === "outcome_unknown" && !state.asking;

/** The person has to look at it before anything happens. */
export const awaitsApproval = ({ state }: ActionView): boolean => state.state === "awaiting_approval";

/** Enough for what is open and a day's look back; the ledger has the rest. */
const KEPT = 200;

export class Actions {
  all = $state<ActionView[]>([]);
  downloads = $state<Record<ActionId, Progress>>({});
  /** Made in this window and not put away: what the bar at the bottom shows once its form is gone. */
  ours = $state<ActionId[]>([]);
  /** Counts up with every action that ends, so that lists of what happened know to look again. */
  ended = $state(0);
  readonly #hub: Hub;

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  find(id: ActionId): ActionView | undefined {
    return this.all.find((action) => action.id === id);
  }

  /** Those that want watching or a decision, newest first. */
  get open(): ActionView[] {
    return this.all.filter((action) => !isOver(action) || needsDecision(action));
  }

  get undecided(): number {
    return this.all.filter(needsDecision).length;
  }

  async load(): Promise<void> {
    const listed = await this.#hub.listActions({ connection: null, open_only: false, limit: KEPT });
    for (const action of listed) if (this.find(action.id) === undefined) this.all.push(action);
    this.#sort();
  }

  put(action: ActionView): void {
    const at = this.all.findIndex(({ id }) => id === action.id);
    const before = this.all[at];
    if (before === undefined) {
      this.all.unshift(action);
      this.#sort();
    } else {
      this.all[at] = action;
    }
    if (isOver(action) && (before === undefined || !isOver(before))) this.ended += 1;
  }

  #sort(): void {
    this.all.sort((a, b) => b.created_at.localeCompare(a.created_at));
    if (this.all.length > 2 * KEPT) this.all = this.all.slice(0, KEPT);
  }

  /** The id is made here: asking again with it does nothing twice. */
  async act(connection: ConnectionId, action: Action, id: ActionId): Promise<ActionView> {
    const made = await this.#hub.act(id, connection, $state.snapshot(action));
    if (!this.ours.includes(id)) this.ours.push(id);
    // An event may have told a later state already.
    if (this.find(id) === undefined) this.put(made);
    return made;
  }

  cancel = (id: ActionId): Promise<void> => this.#answered(id, this.#hub.cancelAction(id));
  sendNow = (id: ActionId): Promise<void> => this.#answered(id, this.#hub.sendNow(id));
  resolve = (id: ActionId, resolution: Resolution): Promise<void> => this.#answered(id, this.#hub.resolveAction(id, resolution));

  #answered(id: ActionId, asked: Promise<ActionView>): Promise<void> {
    return answered(() => this.find(id), asked, (answer) => this.put(answer));
  }

  /** Takes it out of the bar; it stays in the activity. */
  putAway(id: ActionId): void {
    this.ours = this.ours.filter((other) => other !== id);
  }
}
