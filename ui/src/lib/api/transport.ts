/** How the window talks to the hub, whoever carries it: Tauri's commands, or the stand-in of tests. */

import type { AttemptId, Error as HubError, Event, Request, Response } from "./bindings.ts";

export interface Transport {
  /** One request, one answer; rejects with the hub's own error. */
  ask(request: Request): Promise<Response>;
  /** Opens that sign-in's address in the system browser; the window can't open addresses of its own choosing. */
  openSignIn(attempt: AttemptId): Promise<void>;
  /** Called for everything the hub tells unasked, from now on. */
  watch(listener: (event: Event) => void): Promise<void>;
  /** The first cards are on the screen. */
  shown(): Promise<void>;
}

export function isHubError(thrown: unknown): thrown is HubError {
  return typeof thrown === "object" && thrown !== null && "code" in thrown && "args" in thrown;
}

/** Whatever was thrown, as an error with a code; what isn't the hub's own is a defect of ours. */
export function asHubError(thrown: unknown): HubError {
  if (isHubError(thrown)) return thrown;
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: "internal", args: {}, retry_after_s: null, detail };
}
