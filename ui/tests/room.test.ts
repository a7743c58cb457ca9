/** The room of one connection: its name, its permissions, who may use it, what ends with it, and the account beside it. */

import { expect, test } from "vitest";
import { page, userEvent } from "vitest/browser";

import english from "$messages/en.json?raw";

import type { Capability } from "$lib/api/bindings.ts";
import { failure, type Fake } from "$lib/api/fake.ts";
import { isOver } from "$lib/state/actions.svelte.ts";
import { USES } from "$lib/capability_uses.ts";

import { button, card, choose, dialog, element, gone, noDialog, openWindow, PATIENCE, seen } from "./window.ts";

const GMAIL = "Gmail, anna@example.org";
const asked = (fake: Fake, request: string) => fake.asked.filter((one) => one.request === request);
const open = async (of: string, name?: string) => {
  await button(`Settings of ${of}`).click();
  if (name !== undefined) await page.getByRole("tab", { name }).click();
};

test("a name is shown at once, kept by the hub, and taken back with one press", async () => {
  const fake = await openWindow("connected");
  await choose(`More for ${GMAIL}`, "Rename…");
  const field = page.getByLabelText("Name", { exact: true });
  await expect.element(field, PATIENCE).toHaveFocus();
  const release = fake.hold("rename_connection");
  await field.fill("  Work mail ");
  await button("Save").click();
  await expect.element(dialog().getByRole("heading", { name: "Work mail" }), PATIENCE).toBeVisible();
  release();
  await expect.poll(() => fake.world.connections[0]!.name, PATIENCE).toBe("Work mail");
  await userEvent.keyboard("{Escape}");
  await noDialog();
  await seen("Gmail, anna@example.org is called Work mail now.");
  await expect.element(card(fake.world.connections[0]!.id).getByRole("heading", { name: "Work mail" })).toBeVisible();
  await button("Undo").click();
  await expect.poll(() => fake.world.connections[0]!.name, PATIENCE).toBeNull();
});

test("a name the hub refuses is said at the field, and the old one stays", async () => {
  const fake = await openWindow("connected");
  fake.failing.set("rename_connection", failure("invalid_input", { field: "name", reason: "Another connection is called that already." }));
  await choose(`More for ${GMAIL}`, "Rename…");
  await page.getByLabelText("Name", { exact: true }).fill("Helper");
  await button("Save").click();
  await seen("Another connection is called that already.");
  await expect.element(dialog().getByRole("heading", { name: "Gmail", exact: true })).toBeVisible();
});

test("a pause that the hub refuses is taken back", async () => {
  const fake = await openWindow("connected");
  fake.failing.set("set_paused", failure("store_failed"));
  const release = fake.hold("set_paused");
  await choose(`More for ${GMAIL}`, "Pause");
  const one = card(fake.world.connections[0]!.id);
  await expect.element(one, PATIENCE).toHaveAttribute("data-status", "paused");
  release();
  await expect.element(one, PATIENCE).toHaveAttribute("data-status", "connected");
  expect(button("Undo").query()).toBeNull();
});

test("a pause is undone for a moment", async () => {
  const fake = await openWindow("connected");
  await choose(`More for ${GMAIL}`, "Pause");
  await seen("Gmail, anna@example.org is paused.");
  await button("Undo").click();
  await expect.element(card(fake.world.connections[0]!.id), PATIENCE).toHaveAttribute("data-status", "connected");
  expect(asked(fake, "set_paused").map((one) => "paused" in one && one.paused)).toEqual([true, false]);
});

test("permissions say what they allow, which forms and which tools use them, and are given up by a new consent", async () => {
  const fake = await openWindow("connected");
  await open(GMAIL, "Permissions");
  for (const words of ["It can't change, move or delete anything.", "list_emails", "read_email", "Look at mail", "granted"]) {
    await expect.element(dialog(), PATIENCE).toHaveTextContent(words);
  }
  await expect.element(button("Change at Google…")).toBeDisabled();
  await dialog().getByRole("checkbox", { name: "Read your mail" }).click();
  await seen("Gives up: Read your mail.");
  await button("Change at Google…").click();
  await seen("Finish in your browser");
  expect(asked(fake, "begin_sign_in").at(-1)).toMatchObject({
    connection: fake.world.connections[0]!.id,
    scopes: ["https://www.googleapis.com/auth/gmail.send"],
  });
  fake.comeBack(fake.signIns[0]!.id);
  await seen("Connected as");
  expect(fake.world.connections.find(({ integration }) => integration === "gmail")!.scopes.map(({ granted }) => granted)).toEqual([true, false]);
});

test("no permission at all can't be asked for", async () => {
  await openWindow("connected");
  await open(GMAIL, "Permissions");
  for (const name of ["Read your mail", "Send mail as you"]) await dialog().getByRole("checkbox", { name }).click();
  await expect.element(button("Change at Google…")).toBeDisabled();
  await button("As it was").click();
  await seen("Nothing is changed yet.");
});

test("every tool that a permission names is one that agents are offered", () => {
  const texts = JSON.parse(english) as Record<string, string>;
  const capabilities = Object.keys(USES) as Capability[];
  const named = capabilities.flatMap((capability) => USES[capability].tools);
  expect(named.filter((tool) => texts[`mcp_tool_${tool}_title`] === undefined)).toEqual([]);
  // The rest isn't about a capability.
  const offered = Object.keys(texts).flatMap((key) => /^mcp_tool_(.*)_title$/.exec(key)?.[1] ?? []);
  expect(offered.filter((tool) => !named.includes(tool)).sort()).toEqual(["action_status", "connect", "list_connections", "test_connection"]);
});

test("accounts of one service stand side by side, and the next is one press away", async () => {
  await openWindow("mixed");
  await open(GMAIL);
  const accounts = page.getByRole("navigation", { name: "Accounts of Gmail" });
  await expect.element(accounts.getByRole("button", { name: /^anna@example.org/ }), PATIENCE).toHaveAttribute("aria-current", "true");
  await accounts.getByRole("button", { name: /longer-company-name/ }).click();
  await expect.element(dialog(), PATIENCE).toHaveTextContent("Gmail no longer accepts this sign-in.");
  await expect.element(dialog()).toHaveTextContent("needs_sign_in/grant_revoked");
});

test("who may use it: every caller with what it may, and the way to its rules", async () => {
  await openWindow("agents");
  await open(GMAIL, "Who may use it");
  await expect.element(dialog(), PATIENCE).toHaveTextContent(/claude.*agent/);
  await expect.element(dialog()).toHaveTextContent(/Sending: /);
  await button("Rules of claude").click();
  await seen("Requests in a minute");
});

test("before it ends: what dies with it, what waits, and who used it", async () => {
  const fake = await openWindow("approvals");
  await button("Decide later").click();
  await open(GMAIL);
  await seen("Disconnecting takes this along:");
  await expect.element(dialog()).toHaveTextContent("One other connection: Google Drive, anna@example.org");
  const waiting = fake.life.actions.filter((action) => action.integration !== "telegram" && !isOver(action)).length;
  await expect.element(dialog()).toHaveTextContent(waiting === 1 ? "One thing that waits to be sent" : `${waiting} things that wait to be sent`);
  await expect.element(dialog()).toHaveTextContent("Rules about it of:");
});

test("nothing is said to depend on it before both answers are there", async () => {
  const fake = await openWindow("connected");
  await seen("All 3 accounts are connected.");
  const release = fake.hold("usage");
  await open("Telegram, @sandbox_helper_bot");
  await seen("Ending it");
  await expect.poll(() => asked(fake, "preview_disconnect").length, PATIENCE).toBe(1);
  await fake.ask({ request: "preview_disconnect", connection: fake.world.connections[2]!.id }); // The one before is answered.
  expect(page.getByText("Nothing else depends on it.").query()).toBeNull();
  release();
  await seen("Nothing else depends on it.");
});

test.each(["usage", "preview_disconnect"] as const)("without the answer to %s nothing is ruled out", async (request) => {
  const fake = await openWindow("connected");
  await seen("All 3 accounts are connected.");
  fake.failing.set(request, failure("store_failed"));
  await open("Telegram, @sandbox_helper_bot");
  await seen("Perhaps something that couldn't be looked up");
  expect(page.getByText("Nothing else depends on it.").query()).toBeNull();
});

test("signed in with a registration that is gone while there is another: signing in again helps, and adding one stays possible", async () => {
  await openWindow("connected", {}, ({ world }) => void (world.connections[0]!.status = { kind: "not_configured" }));
  await open(GMAIL);
  await expect.element(dialog().getByRole("button", { name: "Sign in again" }), PATIENCE).toBeVisible();
  expect(dialog().getByRole("button", { name: "Sign in again" }).elements()).toHaveLength(1);
  await dialog().getByRole("button", { name: "Add registration" }).click();
  await expect.element(dialog().getByRole("heading", { name: "Client registrations" }), PATIENCE).toBeVisible();
});

test("its last activity is shown, and leads to the whole of it", async () => {
  const fake = await openWindow("lively");
  await open(GMAIL, "Activity");
  await expect.poll(() => document.querySelectorAll("dialog [aria-label='Last activity'] li").length, PATIENCE).toBe(8);
  await button("Everything in the activity").click();
  await noDialog();
  const { id } = fake.world.connections[0]!;
  await expect.poll(() => (asked(fake, "list_ledger").at(-1) as { filter?: { connection: string } }).filter?.connection, PATIENCE).toBe(id);
});

test("what was sent is one thing that happened, not two", async () => {
  await openWindow("lively", {}, (before) => {
    const [line] = before.life.ledger;
    const of = (seq: number, action: string | null, kind: "call" | "outcome", result: string) =>
      ({ ...line!, seq, action, kind, result, connection: before.world.connections[0]!.id, capability: "mail.send" as const, errors: 0 });
    // A write of two calls, one whose outcome isn't known yet, and a read.
    before.life.ledger = [of(905, "a", "outcome", "sent"), of(904, "a", "call", "ok"), of(903, "b", "call", "ok"), of(902, "a", "call", "ok"), of(901, null, "call", "ok")];
  });
  await open(GMAIL, "Activity");
  const outcomes = () => [...document.querySelectorAll("dialog [aria-label='Last activity'] .outcome")].map((one) => one.textContent);
  await expect.poll(outcomes, PATIENCE).toEqual(["sent", "done", "done"]);
});

test("files dropped on a card of a service that takes files wait in its upload form", async () => {
  const fake = await openWindow("lively");
  await seen("All 3 accounts are connected.");
  const drive = element('[data-integration="google_drive"]').getBoundingClientRect();
  const at = { x: drive.left + 20, y: drive.top + 20 };
  fake.drop({ kind: "over", ...at });
  await seen("Drop to upload to Google Drive");
  fake.drop({ kind: "dropped", ...at, paths: ["/home/anna/a.pdf", "/home/anna/b.pdf"] });
  await expect.element(dialog(), PATIENCE).toHaveTextContent("b.pdf");
  await button("Upload").click();
  await expect.poll(() => asked(fake, "act").length, PATIENCE).toBe(1);
  expect(asked(fake, "act")[0]).toMatchObject({ action: { action: "upload_files", files: ["/home/anna/a.pdf", "/home/anna/b.pdf"] } });
});

test("files dropped on its dialog open the form, and what was chosen before stays", async () => {
  const fake = await openWindow("lively");
  await open("Google Drive, anna@example.org");
  await seen("Ending it");
  const sheet = element("dialog [role=tabpanel]").getBoundingClientRect();
  fake.drop({ kind: "dropped", x: sheet.left + 30, y: sheet.top + 30, paths: ["/home/anna/a.pdf"] });
  await expect.element(dialog(), PATIENCE).toHaveTextContent("a.pdf");
  await page.getByRole("tab", { name: "Overview" }).click();
  await seen("Ending it");
  fake.drop({ kind: "dropped", x: sheet.left + 30, y: sheet.top + 30, paths: ["/home/anna/b.pdf"] });
  await expect.element(dialog(), PATIENCE).toHaveTextContent("a.pdf");
  await expect.element(dialog()).toHaveTextContent("b.pdf");
});

test("the right button, Shift+F10 and the menu key open the menu of what is pointed at", async () => {
  await openWindow("connected");
  await seen("All 3 accounts are connected.");
  const opener = button(`Settings of ${GMAIL}`);
  await opener.click({ button: "right" });
  await expect.element(page.getByRole("menuitem", { name: "Rename…" }), PATIENCE).toBeVisible();
  await userEvent.keyboard("{Escape}");
  await expect.poll(() => document.querySelector("[role=menu]"), PATIENCE).toBeNull();
  for (const keys of ["{Shift>}{F10}{/Shift}", "{ContextMenu}"]) {
    opener.element().focus();
    await userEvent.keyboard(keys);
    await expect.element(page.getByRole("menu", { name: `More for ${GMAIL}` }), PATIENCE).toBeVisible();
    await expect.poll(() => document.activeElement?.getAttribute("role"), PATIENCE).toBe("menuitem");
    await userEvent.keyboard("{Escape}");
    await expect.poll(() => document.activeElement, PATIENCE).toBe(opener.element());
  }
});

test("a pointed menu stays inside the window", async () => {
  await openWindow("connected");
  await seen("All 3 accounts are connected.");
  const node = element('[data-integration="telegram"]');
  node.dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, button: 2, clientX: innerWidth - 2, clientY: innerHeight - 2 }));
  await expect.poll(() => document.querySelector("[role=menu]"), PATIENCE).not.toBeNull();
  await expect.poll(() => element("[role=menu]").getBoundingClientRect().bottom, PATIENCE).toBeLessThanOrEqual(innerHeight);
  expect(element("[role=menu]").getBoundingClientRect().right).toBeLessThanOrEqual(innerWidth);
});

test("a line of the history has a menu that leads on", async () => {
  await openWindow("lively");
  await button("Activity").click();
  await seen(/^Lines /);
  const row = page.elementLocator(element("[data-line]"));
  await row.click({ button: "right" });
  await page.getByRole("menuitem", { name: "Show details" }).click();
  await expect.poll(() => document.querySelector("tr.details"), PATIENCE).not.toBeNull();
  await gone("Hide details");
});
