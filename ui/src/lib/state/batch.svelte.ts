/**
 * One request for each of several connections: a few at a time, each with its own outcome. What hasn't begun can be left
 * out at any moment; what failed is kept with its error, and can be tried again.
 */

import type { ConnectionId, ConnectionView, Error as HubError } from "../api/bindings.ts";
import { asHubError } from "../api/transport.ts";
import type { App } from "./app.svelte.ts";
import type { BatchKind } from "./dialogs.svelte.ts";

/** Enough to be quick, and few enough to keep the services' limits for what people do meanwhile. */
const AT_ONCE = 3;

export type ItemState = "waits" | "runs" | "done" | "failed" | "skipped";

export interface Item {
  /** As it was when the batch began: an ended connection is still to be named. */
  connection: ConnectionView;
  state: ItemState;
  error: HubError | null;
}

/** Which of all connections it makes sense for. */
export function fitting(what: BatchKind, all: readonly ConnectionView[]): ConnectionView[] {
  return all.filter(({ status: { kind } }) => (what === "resume" ? kind === "paused" : what === "disconnect" || kind !== "paused"));
}

export class Batch {
  items = $state<Item[]>([]);
  stopping = $state(false);
  readonly what: BatchKind;
  readonly #app: App;

  constructor(app: App, what: BatchKind) {
    this.#app = app;
    this.what = what;
    this.items = fitting(what, app.connections.all).map((connection) => ({ connection: $state.snapshot(connection) as ConnectionView, state: "waits", error: null }));
  }

  readonly over = $derived(this.items.length > 0 && this.items.every(({ state }) => state !== "waits" && state !== "runs"));
  readonly running = $derived(this.items.some(({ state }) => state === "runs"));
  count = (state: ItemState): number => this.items.filter((item) => item.state === state).length;

  async run(): Promise<void> {
    this.stopping = false;
    // Ending one may end others of the same account: one after the other, so that each sees what is left.
    const lanes = this.what === "disconnect" ? 1 : AT_ONCE;
    await Promise.all(Array.from({ length: lanes }, () => this.#lane()));
  }

  /** What is under way is finished; the rest stays as it is. */
  stop(): void {
    this.stopping = true;
    for (const item of this.items) if (item.state === "waits") item.state = "skipped";
  }

  async again(): Promise<void> {
    for (const item of this.items) if (item.state === "failed") Object.assign(item, { state: "waits", error: null });
    await this.run();
  }

  async #lane(): Promise<void> {
    for (;;) {
      const item = this.items.find(({ state }) => state === "waits");
      if (item === undefined) return;
      item.state = "runs";
      try {
        item.error = await this.#one(item.connection.id);
      } catch (thrown) {
        item.error = asHubError(thrown);
      }
      item.state = item.error === null ? "done" : "failed";
    }
  }

  async #one(id: ConnectionId): Promise<HubError | null> {
    const { connections, hub } = this.#app;
    switch (this.what) {
      case "test": {
        await connections.test(id);
        const error = $state.snapshot(connections.tests[id]?.error ?? null) as HubError | null;
        // Said here already; on its card stays only what needs somebody.
        if (error === null) connections.forgetTest(id);
        return error;
      }
      case "pause":
      case "resume":
        await connections.setPaused(id, this.what === "pause");
        return null;
      case "disconnect": {
        if (connections.find(id) === undefined) return null; // It died with another.
        const { revocable } = await hub.previewDisconnect(id);
        await hub.disconnect(id, revocable);
        connections.remove(id);
        return null;
      }
    }
  }
}
