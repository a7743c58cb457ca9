/** The agents' page: who is let in and how, what each may and did, and one switch that stops them all. */

import { expect, test } from "vitest";
import { page, userEvent } from "vitest/browser";

import type { CallerView, Request, Rule } from "$lib/api/bindings.ts";
import { failure, type Fake } from "$lib/api/fake.ts";
import { CLAUDE, CURSOR, MSMTP, SCRIPT, STRANGER } from "$lib/api/fake_callers.ts";
import { changedLines } from "$lib/diff.ts";
import { recipientsOf, ruleSentence, wrongRecipient } from "$lib/rule_words.ts";
import { callerKey } from "$lib/words.ts";

import { button, dialog, element, gone, noDialog, openWindow, PATIENCE, seen } from "./window.ts";

async function openAgents(before?: (fake: Fake) => void, scenario = "agents"): Promise<Fake> {
  const fake = await openWindow(scenario, {}, before);
  await button("Agents").click();
  await expect.element(page.getByRole("heading", { level: 1, name: "Agents" }), PATIENCE).toBeInTheDocument();
  return fake;
}

type Named<K extends Request["request"]> = Extract<Request, { request: K }>;
const last = <K extends Request["request"]>(fake: Fake, name: K) =>
  fake.asked.findLast((request): request is Named<K> => request.request === name);
const cardOf = (caller: typeof CLAUDE) => page.elementLocator(element(`[data-caller="${callerKey(caller)}"]`));
const order = () => [...document.querySelectorAll<HTMLElement>("[data-caller]")].map((card) => card.getAttribute("aria-label"));
const rulesOf = async (name: string) => {
  await button(`Rules and limits of ${name}`).click();
  await seen("Requests in a minute");
};

test("whoever waits stands first, then agents, programs, and those kept out", async () => {
  await openAgents();
  await expect.poll(order, PATIENCE).toEqual(["mail-helper", "claude", "cursor", "morning-report", "msmtp", "nightly-backup"]);
  await seen("One wants to be let in.");
  await expect.element(cardOf(STRANGER)).toHaveTextContent("/tmp/.cache/node_modules/.bin/mail-helper");
  await expect.element(cardOf(STRANGER)).toHaveTextContent("Calls itself Claude Desktop 9.9 (not checked)");
  await expect.element(cardOf(CLAUDE)).toHaveTextContent("Connected now");
  await expect.element(cardOf(CURSOR)).toHaveTextContent("Last seen 3 h ago");
});

test.each([
  ["Ask me before every write", "ask"],
  ["Let it write", "allow"],
] as const)("let in with: %s", async (choice, writes) => {
  const fake = await openAgents();
  await cardOf(STRANGER).getByText(choice).click();
  const letIn = cardOf(STRANGER).getByRole("button", { name: "Let in", exact: true });
  await expect.element(letIn, PATIENCE).toBeEnabled();
  await letIn.click();
  await seen("mail-helper was let in.");
  expect(last(fake, "admit_caller")).toEqual({ request: "admit_caller", caller: STRANGER, admit: true, writes });
  await gone("Want to be let in");
});

test("kept out, and let in after all", async () => {
  const fake = await openAgents();
  await expect.element(button("Keep out"), PATIENCE).toBeEnabled();
  await button("Keep out").click();
  await seen("mail-helper is kept out.");
  expect(last(fake, "admit_caller")).toMatchObject({ admit: false });
  await button("Let in: nightly-backup").click();
  const letIn = cardOf(SCRIPT).getByRole("button", { name: "Let in", exact: true });
  await expect.element(letIn, PATIENCE).toBeEnabled();
  await letIn.click();
  await seen("nightly-backup was let in.");
  expect(last(fake, "admit_caller")).toMatchObject({ caller: SCRIPT, admit: true, writes: "ask" });
});

test("somebody new is announced, and counted beside the page's name", async () => {
  const fake = await openWindow("connected");
  await seen("All 3 accounts are connected.");
  const caller = { kind: "agent" as const, executable: "/opt/new\u202Eexe" };
  const view: CallerView = {
    caller, name: "new\u202Eexe", client: null, admission: { admission: "waiting", since: new Date().toISOString() }, rules: [],
    writes: "ask", budget: { per_minute: 120, writes_per_day: 200 }, taint: null, connected: 1, last_seen: null, from_file: false,
  };
  fake.policy.callers.push(view);
  fake.emit({ event: "caller_changed", caller: view });
  await seen("new[U+202E]exe wants to be let in.");
  fake.emit({ event: "open", target: { place: "agents", caller } });
  await expect.poll(() => document.querySelector(".marked")?.getAttribute("aria-label"), PATIENCE).toBe("new[U+202E]exe");
  fake.policy.callers = [];
  fake.emit({ event: "caller_removed", caller });
  await seen("Nobody has asked yet");
});

test("what was read from outside is shown until it is cleared, which says what it means first", async () => {
  const fake = await openAgents();
  await expect.element(cardOf(CLAUDE), PATIENCE).toHaveTextContent("Has read outside text, until");
  await button("I've looked at it").click();
  await seen("even if that text told it to");
  expect(last(fake, "clear_taint")).toBeUndefined();
  await button("Yes, trust it again").click();
  await gone(/Has read outside text/);
  expect(last(fake, "clear_taint")).toEqual({ request: "clear_taint", caller: CLAUDE });
});

test("a card says what its caller did today; the rest is one press away", async () => {
  await openAgents((before) => {
    const [line] = before.life.ledger;
    const at = new Date().toISOString();
    const of = (seq: number, kind: "call" | "outcome", result: string) =>
      ({ ...line!, seq, at, kind, result, caller: MSMTP, capability: "mail.send" as const, action: `a${seq}` });
    before.life.ledger = [of(903, "outcome", "sent"), of(902, "call", "ok"), of(901, "outcome", "failed")];
  });
  await expect.poll(() => cardOf(MSMTP).element().textContent, PATIENCE).toMatch(/today \d+ calls, 1 sent, \d+ failed/);
  await button("What it did: msmtp").click();
  await expect.poll(() => document.querySelectorAll("dialog ul li").length, PATIENCE).toBe(3);
  await button("Everything in the activity").click();
  await noDialog();
  await seen("Outbox");
});

test("rules are sentences; a new one is checked, then sent with all the others", async () => {
  const fake = await openAgents();
  await rulesOf("claude");
  await seen("It may send mail through Gmail, anna@example.org. This is about mira@studio.example, @example.org alone. At most 20 a day.");
  await seen("You are asked before it may upload files through any connection. With files from and into /home/anna/Shared.");
  await seen("It may not do anything through Telegram, @sandbox_helper_bot.");
  await button("Add a rule").click();
  await page.getByLabelText("Connection", { exact: true }).selectOptions("Gmail, anna@example.org");
  await page.getByLabelText("What", { exact: true }).selectOptions("Send mail");
  await page.getByLabelText("Only for these recipients").fill("nobody");
  await page.getByLabelText("At most, in 24 hours").fill("many");
  await button("Save rule").click();
  await seen("nobody is neither an address nor a chat.");
  await seen("A whole number from 1 to 100,000.");
  expect(last(fake, "set_rules")).toBeUndefined();
  await page.getByLabelText("Only for these recipients").fill("Jo <jo@example.org>\n@studio.example");
  await page.getByLabelText("At most, in 24 hours").fill("5");
  await page.getByLabelText("Files from and into this folder").fill("/home/anna/Out");
  await button("Save rule").click();
  await expect.poll(() => fake.policy.find(CLAUDE).rules.length, PATIENCE).toBe(4);
  expect(last(fake, "set_rules")?.rules.at(-1)).toEqual({
    connection: fake.world.connections[0]!.id,
    capability: "mail.send",
    effect: "allow",
    limits: { recipients: ["jo@example.org", "@studio.example"], per_day: 5, folders: ["/home/anna/Out"] },
  } satisfies Rule);
  expect(last(fake, "set_rules")).toMatchObject({ writes: "ask", budget: { per_minute: 120, writes_per_day: 200 } });
});

test("a rule is changed in its place, removed, and what the hub refuses stays to be mended", async () => {
  const fake = await openAgents();
  await rulesOf("claude");
  await button(/^Change: You are asked/).click();
  await dialog().getByText("May not", { exact: true }).first().click();
  await button("Save rule").click();
  await seen("It may not upload files through any connection.");
  expect(fake.policy.find(CLAUDE).rules[1]).toMatchObject({ effect: "deny", limits: { folders: [] } });
  await button(/^Remove: It may not do anything/).click();
  await expect.poll(() => fake.policy.find(CLAUDE).rules.length, PATIENCE).toBe(2);
  await button("Add a rule").click();
  await page.getByLabelText("Files from and into this folder").fill("/nowhere");
  await button("Save rule").click();
  await seen("There is no folder /nowhere.");
  await expect.element(page.getByLabelText("Files from and into this folder")).toHaveValue("/nowhere");
});

test("a rule that was removed comes back with one press, and what was changed since stays", async () => {
  const fake = await openAgents();
  const before = structuredClone(fake.policy.find(CLAUDE).rules);
  await rulesOf("claude");
  await button(/^Remove: You are asked/).click();
  await expect.poll(() => fake.policy.find(CLAUDE).rules.length, PATIENCE).toBe(2);
  await page.getByLabelText("Requests in a minute").fill("30");
  await dialog().getByRole("button", { name: "Save", exact: true }).click();
  await expect.poll(() => fake.policy.find(CLAUDE).budget.per_minute, PATIENCE).toBe(30);
  await userEvent.keyboard("{Escape}");
  await noDialog();
  await seen("A rule of claude was removed.");
  await button("Undo").click();
  await expect.poll(() => fake.policy.find(CLAUDE).rules, PATIENCE).toEqual(before);
  expect(fake.policy.find(CLAUDE).budget.per_minute).toBe(30);
});

test("a rule that the hub keeps isn't offered back", async () => {
  const fake = await openAgents();
  fake.failing.set("set_rules", failure("store_failed"));
  await rulesOf("claude");
  await button(/^Remove: You are asked/).click();
  await seen("Autopilot couldn't write its database.");
  await userEvent.keyboard("{Escape}");
  await noDialog();
  expect(button("Undo").query()).toBeNull();
});

test("what writes get besides, and how much may be used up, is set here", async () => {
  const fake = await openAgents();
  await rulesOf("cursor");
  await dialog().getByText("May not", { exact: true }).click();
  await expect.poll(() => fake.policy.find(CURSOR).writes, PATIENCE).toBe("deny");
  await page.getByLabelText("Requests in a minute").fill("0");
  await seen("A whole number from 1 to 10,000.");
  await page.getByLabelText("Requests in a minute").fill("30");
  await page.getByLabelText("Writes in 24 hours").fill("0");
  await dialog().getByRole("button", { name: "Save" }).click();
  await expect.poll(() => fake.policy.find(CURSOR).budget, PATIENCE).toEqual({ per_minute: 30, writes_per_day: 0 });
});

test("what comes from policy.toml says so and is changed there", async () => {
  const fake = await openAgents();
  fake.policy.change(CLAUDE, { from_file: true });
  await expect.element(cardOf(CLAUDE), PATIENCE).toHaveTextContent("From policy.toml");
  await rulesOf("claude");
  await seen("change there");
  expect(button("Add a rule").query()).toBeNull();
  expect(dialog().getByRole("button", { name: /^Remove:/ }).query()).toBeNull();
});

test("a caller is kept out from its menu, and forgotten only after what goes with it was read", async () => {
  const fake = await openAgents();
  await button("More for msmtp").click();
  await page.getByRole("menuitem", { name: "Keep out" }).click();
  await expect.poll(() => fake.policy.find(MSMTP).admission.admission, PATIENCE).toBe("refused");
  await button("More for msmtp").click();
  await page.getByRole("menuitem", { name: "Forget…" }).click();
  await seen("Its rules and limits go with it.");
  expect(last(fake, "forget_caller")).toBeUndefined();
  await dialog().getByRole("button", { name: "Forget" }).click();
  await noDialog();
  await seen("msmtp is forgotten.");
  expect(order()).not.toContain("msmtp");
});

test("one switch pauses all agents, and is seen from every page", async () => {
  const fake = await openAgents();
  const pause = page.getByRole("switch", { name: "Pause all agents" });
  await pause.click();
  await expect.element(pause, PATIENCE).toHaveAttribute("aria-checked", "true");
  expect(fake.life.settings).toMatchObject({ agents_paused: true, undo_window_s: 10 });
  await button("Connections").click();
  await expect.poll(() => document.querySelector("nav .paused"), PATIENCE).not.toBeNull();
  await button("Agents Paused").click();
  await pause.click();
  await expect.poll(() => fake.life.settings.agents_paused, PATIENCE).toBe(false);
});

test("callers that can't be listed say so where they would be", async () => {
  const fake = await openAgents((before) => before.failing.set("list_callers", failure("store_failed")));
  await seen("Autopilot couldn't write its database.");
  fake.failing.clear();
  await button("Try again").first().click();
  await expect.poll(order, PATIENCE).toContain("claude");
});

test("an AI client is set up after its change was shown, and the backup is named", async () => {
  const fake = await openAgents();
  await expect.poll(() => document.querySelectorAll("[data-client]").length, PATIENCE).toBe(4);
  expect(element("[data-client=cursor]").querySelector("button")).toBeNull();
  await expect.element(page.elementLocator(element("[data-client=vscode]"))).toHaveTextContent("has a mistake in line 14, column 3.");
  await button("Set up Claude Desktop").click();
  await seen("/home/anna/.config/Claude/claude_desktop_config.json");
  const signs = [...document.querySelectorAll("dialog .new code")].map((line) => line.textContent);
  expect(signs).toContain(`    "autopilot": {`);
  expect(fake.setup.contents).not.toContain("autopilot");
  await button("Change the file").click();
  await seen("Claude Desktop knows Autopilot now.");
  await seen("are kept as /home/anna/.config/Claude/claude_desktop_config.json.before-autopilot");
  await seen("Restart Claude Desktop.");
  await button("Done").click();
  await expect.poll(() => element("[data-client=claude_desktop]").dataset.state, PATIENCE).toBe("set_up");
});

test("a file that changed meanwhile is not written, but looked at again", async () => {
  const fake = await openAgents();
  await button("Set up Claude Desktop").click();
  await seen("This is all that changes");
  fake.setup.contents += "\n";
  await button("Change the file").click();
  await seen("changed after it was shown, so it was left as it is.");
  await expect.element(button("Change the file")).toBeDisabled();
  await button("Look again").last().click();
  await expect.element(button("Change the file"), PATIENCE).toBeEnabled();
});

test("for any other client there is a text to copy", async () => {
  await openAgents(undefined, "connected");
  await seen("Any other client");
  expect(JSON.parse(element("[aria-label='Settings for an MCP server']").textContent)).toEqual({
    mcpServers: { autopilot: { command: "/usr/bin/autopilot", args: ["mcp"] } },
  });
  expect(element("[aria-label='Command of the MCP server']").textContent).toBe("/usr/bin/autopilot mcp");
});

test("a raw token is given out only after what that means was read, and taken back at once", async () => {
  const fake = await openWindow("connected");
  await button("Settings of Gmail, anna@example.org").click();
  await page.getByRole("tab", { name: "Who may use it" }).click();
  const allowed = page.getByRole("switch", { name: "Programs may read this connection's raw token" });
  await allowed.click();
  await seen("without rules, without being asked about");
  expect(last(fake, "set_token_allowed")).toBeUndefined();
  await button("Allow it").click();
  await expect.element(allowed, PATIENCE).toHaveAttribute("aria-checked", "true");
  await allowed.click();
  await expect.element(allowed, PATIENCE).toHaveAttribute("aria-checked", "false");
  expect(last(fake, "set_token_allowed")).toMatchObject({ allowed: false });
});

test("what was typed to be tried is still there after a look at another tab", async () => {
  await openWindow("lively");
  await button("Settings of Gmail, anna@example.org").click();
  await page.getByRole("tab", { name: "Try it" }).click();
  await page.getByLabelText("Subject").fill("Half a thought");
  await page.getByText("Look at mail").click();
  await seen("Notes from Tuesday");
  await page.getByRole("tab", { name: "Overview" }).click();
  await expect.element(page.getByLabelText("Evidence"), PATIENCE).toBeVisible();
  await page.getByRole("tab", { name: "Try it" }).click();
  await page.getByText("Send mail", { exact: true }).click();
  await expect.element(page.getByLabelText("Subject"), PATIENCE).toHaveValue("Half a thought");
});

test("rules and changes in words", () => {
  const rule: Rule = { connection: "gone", capability: null, effect: "deny", limits: { recipients: [], per_day: null, folders: [] } };
  expect(ruleSentence(rule, [])).toBe("It may not do anything through a connection that is gone.");
  expect(recipientsOf('"Berg, Mira" <m@example.org>; @example.org\n-10077, m@example.org')).toEqual(["m@example.org", "@example.org", "-10077"]);
  expect(["m@example.org", "@example.org", "-10077", "two words"].map((one) => wrongRecipient([one], "mail.send") === null)).toEqual([true, true, false, false]);
  expect(wrongRecipient(["-10077", "@workshop"], "message.send")).toBeNull();
  expect(changedLines("a\nb\nc\n", "a\nb2\nc\n").map(({ kind, text }) => `${kind} ${text}`)).toEqual(["same a", "gone b", "new b2", "same c"]);
  expect(changedLines("", "{}\n")).toEqual([{ kind: "new", text: "{}" }]);
});
