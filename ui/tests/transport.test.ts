/** The way to the shell: every request by the command of its class, and every refusal as the hub's own error. */

import { afterEach, expect, test, vi } from "vitest";

import { ACCESS } from "$lib/api/access.ts";
import { Hub } from "$lib/api/hub.ts";
import { tauri } from "$lib/api/tauri.ts";
import { asHubError } from "$lib/api/transport.ts";

import engine from "../../crates/model/src/request.rs?raw";

type Invoke = (command: string, args: Record<string, unknown>) => Promise<unknown>;

function shell(invoke: Invoke): void {
  vi.stubGlobal("__TAURI_INTERNALS__", { invoke, transformCallback: () => 1, unregisterCallback: () => undefined });
}

afterEach(() => vi.unstubAllGlobals());

/** The classes as `Request::access` has them. */
function classesOfEngine(): Record<string, string> {
  const found: Record<string, string> = {};
  const body = engine.slice(engine.indexOf("match self {", engine.indexOf("pub const fn access")));
  for (const [, arms, access] of body.matchAll(/([^=]*?)=> Access::(\w+)/g)) {
    for (const [, name] of arms!.matchAll(/Self::(\w+)/g)) {
      found[name!.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase()] = access!.toLowerCase();
    }
  }
  return found;
}

test("the window sorts requests exactly as the engine does", () => {
  expect(ACCESS).toEqual(classesOfEngine());
});

test("each class of request has a command of its own", async () => {
  const called: [string, unknown][] = [];
  shell(async (command, args) => {
    called.push([command, args]);
    return { response: "done" };
  });
  const hub = new Hub(tauri);
  await hub.disconnect("id", true);
  await hub.removeClient("google", "ios");
  await hub.openSignIn("attempt");
  await hub.shown();
  await hub.watch(() => undefined);
  expect(called.map(([command]) => command)).toEqual(["ask_change", "ask_window", "open_sign_in", "shown", "watch_events"]);
  expect(called[0]![1]).toEqual({ request: { request: "disconnect", connection: "id", revoke: true } });
  expect(called[2]![1]).toEqual({ attempt: "attempt" });
  expect(Object.keys(called[4]![1] as object)).toEqual(["channel"]);
});

test("the hub's error comes through as it is; anything else is a defect with its words as detail", async () => {
  const refused = { code: "refused_caller", args: {}, retry_after_s: null, detail: null };
  shell(() => Promise.reject(refused));
  await expect(tauri.ask({ request: "hub" })).rejects.toEqual(refused);
  shell(() => Promise.reject("command ask_query not allowed"));
  await expect(tauri.ask({ request: "hub" })).rejects.toMatchObject({
    code: "internal",
    detail: "command ask_query not allowed",
  });
  expect(asHubError(new Error("boom"))).toMatchObject({ code: "internal", detail: "boom" });
});

test("an answer of another kind than asked for is not taken for one", async () => {
  shell(async () => ({ response: "done" }));
  await expect(new Hub(tauri).listConnections()).rejects.toMatchObject({ code: "internal" });
});
