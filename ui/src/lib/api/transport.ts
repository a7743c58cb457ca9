/** How the window talks to the hub, whoever carries it: Tauri's commands, or the stand-in of tests. */

import type { ActionId, AttemptId, Error as HubError, Event, IntegrationId, Request, Response } from "./bindings.ts";

export interface Transport {
  /** One request, one answer; rejects with the hub's own error. */
  ask(request: Request): Promise<Response>;
  /** Opens that sign-in's address in the system browser; the window can't open addresses of its own choosing. */
  openSignIn(attempt: AttemptId): Promise<void>;
  /** Called for everything the hub tells unasked, from now on. */
  watch(listener: (event: Event) => void): Promise<void>;
  /** The first cards are on the screen. */
  shown(): Promise<void>;
  /** Opens what an action made, by the address the service gave for it, in the system browser. */
  openResult(action: ActionId, index: number): Promise<void>;
  /** Opens the page of a provider's console where this step of an integration's setup is done. */
  openSetup(integration: IntegrationId, step: string): Promise<void>;
  /** Opens the sandbox in a window of its own, beside this one. */
  openSandbox(): Promise<void>;
  /** Lets the person choose files; empty when they chose none. */
  pickFiles(): Promise<string[]>;
  /** Lets the person choose a folder; `null` when they chose none. */
  pickFolder(): Promise<string | null>;
  /** Lets the person choose where to keep this text; its path, or `null` when they chose nothing. */
  saveText(name: string, contents: string): Promise<string | null>;
  /** Called while files are dragged over the window and when they are dropped, from now on. */
  watchDrops(listener: (drop: Drop) => void): Promise<void>;
  /** The text of the one small file that was dropped last. */
  readDropped(): Promise<string>;
  /** The AI clients that can be told about Autopilot in one step, installed or not. */
  agentClients(): Promise<AgentClient[]>;
  /** What one step would change; nothing is written. */
  previewAgentClient(id: AgentClientId): Promise<AgentSetupChange>;
  /** Does what the preview said, unless the file has changed since. */
  setUpAgentClient(id: AgentClientId, expectedBefore: string): Promise<AgentSetupDone>;
  /** What belongs to the desktop: the start at login, the tray, this profile's folders. */
  aboutShell(): Promise<Shell>;
  setStartAtLogin(on: boolean): Promise<Shell>;
  /** Opens one of this profile's own folders in the system's file program. */
  openPlace(place: ShellPlace): Promise<void>;
  /** Asks the system to bring sign-in links here; false = it didn't take it. */
  registerLinks(): Promise<boolean>;
  /** What to copy into the settings of any other client. */
  agentSetupBlock(): Promise<AgentSetupBlock>;
}

export type AgentClientId = "claude_desktop" | "claude_code" | "vscode" | "cursor";

/** An AI client on this machine, and what its own settings say about us. */
export interface AgentClient {
  id: AgentClientId;
  name: string;
  /** Its settings file. */
  path: string | null;
  state: "not_installed" | "ready" | "set_up" | "other" | "unreadable";
  /** Why it is as it is, where there is more to say. */
  reason: string | null;
}

export interface AgentSetupChange {
  path: string;
  before: string;
  after: string;
  /** Where the file as it is now would be kept. */
  backup: string;
}

export interface AgentSetupDone {
  path: string;
  /** `null` = there was nothing to keep. */
  backup: string | null;
}

export interface AgentSetupBlock {
  json: string;
  command: string;
  args: string[];
}

/** Files over the window, at this place in CSS pixels; `paths` only once they are let go. */
export type Drop =
  | { kind: "over"; x: number; y: number }
  | { kind: "left" }
  | { kind: "dropped"; x: number; y: number; paths: string[] };

export function isHubError(thrown: unknown): thrown is HubError {
  return typeof thrown === "object" && thrown !== null && "code" in thrown && "args" in thrown;
}

/** Whatever was thrown, as an error with a code; what isn't the hub's own is a defect of ours. */
export function asHubError(thrown: unknown): HubError {
  if (isHubError(thrown)) return thrown;
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: "internal", args: {}, retry_after_s: null, detail };
}

export type ShellPlace = "data" | "logs";

export interface Shell {
  /** `null` = it can't be had here. */
  start_at_login: boolean | null;
  /** Is there a tray that the window could close into? */
  tray: boolean;
  data_folder: string;
  log_folder: string;
}
