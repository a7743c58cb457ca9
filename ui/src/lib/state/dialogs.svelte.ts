/** Which dialog is open. One at a time; a finished sign-in waits for its turn rather than push another aside. */

import { tick } from "svelte";

import type { AttemptId, Caller, ConnectionId, Error as HubError, IntegrationId, ProviderId } from "../api/bindings.ts";
import type { AgentClientId } from "../api/transport.ts";

export type ConnectionTab = "overview" | "permissions" | "access" | "try" | "usage";
export type BatchKind = "test" | "pause" | "resume" | "disconnect";

export type DialogPlace =
  | { kind: "connect"; integration: IntegrationId; connection: ConnectionId | null; attempt: AttemptId | null }
  | { kind: "connection"; connection: ConnectionId; tab?: ConnectionTab; files?: string[]; naming?: boolean }
  | { kind: "batch"; what: BatchKind }
  | { kind: "disconnect"; connection: ConnectionId }
  | { kind: "caller"; caller: Caller; tab: "rules" | "did" }
  | { kind: "forget_caller"; caller: Caller }
  | { kind: "agent_setup"; client: AgentClientId; name: string }
  | { kind: "clients"; provider: ProviderId | null }
  | { kind: "link_refused"; error: HubError }
  /** `then` = who was to be connected when the vault was in the way. */
  | { kind: "vault"; create?: boolean; then?: { integration: IntegrationId; connection: ConnectionId | null } }
  | { kind: "doctor" }
  | { kind: "moving" }
  | { kind: "palette" }
  | { kind: "shortcuts" };

export class Dialogs {
  open = $state<DialogPlace | null>(null);
  /** Changes with every dialog shown, so that the same kind twice starts afresh. */
  turn = $state(0);
  #waiting: DialogPlace[] = [];
  #after: (() => void) | null = null;

  show(place: DialogPlace): void {
    if (place.kind === "connect" && place.attempt !== null) {
      this.#waiting = this.#waiting.filter((other) => other.kind !== "connect" || other.attempt !== place.attempt);
    }
    this.open = place;
    this.turn += 1;
  }

  showWhenFree(place: DialogPlace): void {
    if (this.open === null) this.show(place);
    else this.#waiting.push(place);
  }

  /** Puts itself before a dialog that only waits for the browser, which then comes back; no other is disturbed. */
  interrupt(place: DialogPlace): void {
    if (this.open?.kind === "connect" && this.open.attempt !== null) {
      this.#waiting.unshift(this.open);
      this.show(place);
    } else {
      this.showWhenFree(place);
    }
  }

  /** Once nothing is open or waiting any more. Only the last wish counts. */
  afterwards(act: () => void): void {
    this.#after = act;
  }

  /** The connect dialog goes on with this sign-in, or back to its beginning. */
  follow(attempt: AttemptId | null, connection: ConnectionId | null): void {
    if (this.open?.kind === "connect") this.open = { ...this.open, attempt, connection };
  }

  /** Closes the dialog open now and no later one, however late it is called. */
  closer(): () => void {
    const { turn } = this;
    return () => {
      if (this.turn === turn && this.open !== null) this.close();
    };
  }

  close(): void {
    this.open = null;
    const next = this.#waiting.shift();
    if (next !== undefined) return this.show(next);
    const act = this.#after;
    this.#after = null;
    // Not before its fields are gone.
    if (act !== null) void tick().then(act);
  }
}
