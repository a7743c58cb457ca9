/** The only file that knows Tauri. */

import { Channel, invoke } from "@tauri-apps/api/core";

import { ACCESS } from "./access.ts";
import type { Event, Response } from "./bindings.ts";
import {
  asHubError,
  type AgentClient,
  type AgentSetupBlock,
  type AgentSetupChange,
  type AgentSetupDone,
  type Drop,
  type Shell,
  type Transport,
} from "./transport.ts";

async function call<T>(command: string, args?: Record<string, unknown>): Promise<T> {
  try {
    return await invoke<T>(command, args);
  } catch (thrown) {
    throw asHubError(thrown);
  }
}

export function isInsideTauri(): boolean {
  return "__TAURI_INTERNALS__" in window;
}

export const tauri: Transport = {
  ask: (request) => call<Response>(`ask_${ACCESS[request.request]}`, { request }),
  openSignIn: (attempt) => call("open_sign_in", { attempt }),
  watch: (listener) => {
    const channel = new Channel<Event>();
    channel.onmessage = listener;
    return call("watch_events", { channel });
  },
  shown: () => call("shown"),
  openResult: (action, index) => call("open_result", { action, index }),
  openSetup: (integration, step) => call("open_setup", { integration, step }),
  openSandbox: () => call("open_sandbox"),
  pickFiles: () => call<string[]>("pick_files"),
  pickFolder: () => call<string | null>("pick_folder"),
  saveText: (name, contents) => call<string | null>("save_text", { name, contents }),
  watchDrops: (listener) => {
    const channel = new Channel<Drop>();
    channel.onmessage = listener;
    return call("watch_drops", { channel });
  },
  readDropped: () => call<string>("read_dropped"),
  agentClients: () => call<AgentClient[]>("agent_clients"),
  previewAgentClient: (id) => call<AgentSetupChange>("preview_agent_client", { id }),
  setUpAgentClient: (id, expectedBefore) =>
    call<AgentSetupDone>("set_up_agent_client", { id, expected_before: expectedBefore }),
  aboutShell: () => call<Shell>("about_shell"),
  setStartAtLogin: (on) => call<Shell>("set_start_at_login", { on }),
  openPlace: (place) => call("open_place", { place }),
  registerLinks: () => call<boolean>("register_links"),
  agentSetupBlock: () => call<AgentSetupBlock>("agent_setup_block"),
};
