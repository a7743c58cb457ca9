/** One form's write: asked for once, then followed. */

import type { Action, ActionId, ActionView, ConnectionId, Error as HubError } from "../api/bindings.ts";
import { asHubError } from "../api/transport.ts";
import { newId } from "../id.ts";
import type { Actions } from "./actions.svelte.ts";

export class ActionRun {
  busy = $state(false);
  error = $state<HubError | null>(null);
  #made = $state<ActionId | null>(null);
  /** Kept while it isn't known whether the hub heard: asking again with it does nothing twice. */
  #next = newId();
  readonly #actions: Actions;

  constructor(actions: Actions) {
    this.#actions = actions;
  }

  get action(): ActionView | null {
    return this.#made === null ? null : (this.#actions.find(this.#made) ?? null);
  }

  async begin(connection: ConnectionId, action: Action): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.error = null;
    try {
      const made = await this.#actions.act(connection, action, this.#next);
      this.#made = made.id;
      this.#next = newId();
    } catch (thrown) {
      this.error = asHubError(thrown);
      if (this.error.code !== "hub_unreachable") this.#next = newId();
    } finally {
      this.busy = false;
    }
  }

  /** Back to the form. */
  again(): void {
    if (this.#made !== null) this.#actions.putAway(this.#made);
    this.#made = null;
  }

  /** What is wrong with this field, if that is the trouble. */
  wrong(field: string): string | null {
    const { error } = this;
    return error?.code === "invalid_input" && error.args.field === field ? (error.args.reason ?? null) : null;
  }
}
