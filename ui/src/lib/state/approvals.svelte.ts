/**
 * Writes that wait for the person, one in view at a time. The dialog comes by itself for each new one, but never over
 * another that is open: what is being typed there comes first. Putting one off leaves it waiting; only a decision ends it.
 */

import type { ActionId, ActionView, Decision } from "../api/bindings.ts";
import type { Hub } from "../api/hub.ts";
import type { Actions } from "./actions.svelte.ts";

export class Approvals {
  /** The one that is shown; `null` = the dialog is closed. */
  shown = $state<ActionId | null>(null);
  /** Put off by the person; they don't come back by themselves. */
  #later = $state<ActionId[]>([]);
  readonly #hub: Hub;
  readonly #actions: Actions;

  constructor(hub: Hub, actions: Actions) {
    this.#hub = hub;
    this.#actions = actions;
  }

  /** All that wait, the oldest first, so that a new one never moves what is being looked at. */
  get queue(): ActionView[] {
    return this.#actions.all
      .filter(({ state }) => state.state === "awaiting_approval")
      .sort((a, b) => a.created_at.localeCompare(b.created_at) || a.id.localeCompare(b.id));
  }

  /** The first that the person hasn't put off. */
  get fresh(): ActionView | undefined {
    return this.queue.find(({ id }) => !this.#later.includes(id));
  }

  /** What is in view, while it still waits. */
  get current(): ActionView | undefined {
    return this.shown === null ? undefined : this.queue.find(({ id }) => id === this.shown);
  }

  /** Because the person asked for it: this one, or the first. */
  show(id?: ActionId): void {
    const wanted = id === undefined ? undefined : this.queue.find((action) => action.id === id);
    this.shown = (wanted ?? this.fresh ?? this.queue[0])?.id ?? null;
  }

  /** To the one before or after. */
  step(by: 1 | -1): void {
    const { queue } = this;
    const at = queue.findIndex(({ id }) => id === this.shown);
    this.shown = queue[at + by]?.id ?? this.shown;
  }

  /** All of them stay as they are. */
  putOff(): void {
    this.#later = this.queue.map(({ id }) => id);
    this.shown = null;
  }

  /** What was shown has ended: on to the next that isn't put off, or done. */
  goOn(): void {
    if (this.current === undefined) this.shown = this.fresh?.id ?? null;
  }

  decide = async (id: ActionId, decision: Decision): Promise<void> => {
    const decided = await this.#hub.decide(id, decision);
    // An event may have told a later state already.
    if (this.#actions.find(id)?.state.state === "awaiting_approval") this.#actions.put(decided);
    if (this.shown === id) this.goOn();
  };
}
