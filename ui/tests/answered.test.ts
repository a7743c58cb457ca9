/** Answers and events come by ways of their own: an answer that an event overtook takes nothing back. */

import { expect, test } from "vitest";
import type { ActionView, CallerView, ConnectionView } from "$lib/api/bindings.ts";
import type { Hub } from "$lib/api/hub.ts";
import { Actions } from "$lib/state/actions.svelte.ts";
import { Callers } from "$lib/state/callers.svelte.ts";
import { Connections } from "$lib/state/connections.svelte.ts";

/** A hub with one request, which is answered when the test says so. */
function hub<T>(request: keyof Hub): { hub: Hub; answer: (with_: T) => void } {
  let answer: (with_: T) => void = () => {};
  const late = new Promise<T>((settle) => (answer = settle));
  return { hub: { [request]: () => late } as unknown as Hub, answer };
}

const action = (state: string) => ({ id: "a", created_at: "2026-11-26T10:00:00Z", state: { state } }) as unknown as ActionView;
const connection = (kind: string) => ({ id: "c", name: null, status: { kind } }) as unknown as ConnectionView;
const caller = (writes: string) =>
  ({ caller: { kind: "agent", program: "/usr/bin/agent" }, name: "agent", writes }) as unknown as CallerView;

test("what is sent stays sent", async () => {
  const late = hub<ActionView>("sendNow");
  const actions = new Actions(late.hub);
  actions.put(action("queued"));
  const asked = actions.sendNow("a");
  actions.put(action("sent"));
  late.answer(action("queued"));
  await asked;
  expect(actions.find("a")?.state.state).toBe("sent");
});

test("a connection that was proven while its pause ended stays proven", async () => {
  const late = hub<ConnectionView>("setPaused");
  const connections = new Connections(late.hub);
  connections.put(connection("paused"));
  const asked = connections.setPaused("c", false);
  connections.put(connection("active"));
  late.answer(connection("unproven"));
  await asked;
  expect(connections.find("c")?.status.kind).toBe("active");
});

test("a connection that was removed while it was tested stays removed", async () => {
  const late = hub<{ connection: ConnectionView; steps: []; error: null }>("test");
  const connections = new Connections(late.hub);
  connections.put(connection("active"));
  const asked = connections.test("c");
  connections.remove("c");
  late.answer({ connection: connection("active"), steps: [], error: null });
  await asked;
  expect(connections.all).toEqual([]);
  expect(connections.tests).toEqual({});
});

test("what a test found goes once something else is the case", async () => {
  const late = hub<{ connection: ConnectionView; steps: []; error: null }>("test");
  const connections = new Connections(late.hub);
  connections.put(connection("unreachable"));
  const asked = connections.test("c");
  late.answer({ connection: connection("active"), steps: [], error: null });
  await asked;
  expect(connections.tests.c?.running).toBe(false);
  connections.put(connection("active"));
  expect(connections.tests.c?.running).toBe(false);
  connections.put(connection("needs_sign_in"));
  expect(connections.tests).toEqual({});
});

test("rules that changed once more meanwhile stay as they are now", async () => {
  const late = hub<CallerView>("admitCaller");
  const callers = new Callers(late.hub);
  callers.put(caller("ask"));
  const asked = callers.admit(caller("ask"), true, "allow" as CallerView["writes"]);
  callers.put(caller("deny"));
  late.answer(caller("allow"));
  await asked;
  expect(callers.find(caller("ask").caller)?.writes).toBe("deny");
});

test("without an event the answer is what counts", async () => {
  const late = hub<ConnectionView>("setPaused");
  const connections = new Connections(late.hub);
  connections.put(connection("active"));
  const asked = connections.setPaused("c", true);
  late.answer({ ...connection("paused"), name: "told by the hub" });
  await asked;
  expect(connections.find("c")?.name).toBe("told by the hub");
});
