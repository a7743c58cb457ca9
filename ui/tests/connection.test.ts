/** One connection: testing, pausing, ending; and the vault behind all of them. */

import { expect, test } from "vitest";
import { page, userEvent } from "vitest/browser";

import { failure, type Fake } from "$lib/api/fake.ts";

import { button, card, choose, dialog, element, gone, noDialog, openWindow, PATIENCE, seen } from "./window.ts";

const first = (fake: Fake) => fake.world.connections[0]!;
const step = (name: string) => document.querySelector<HTMLElement>(`[data-step="${name}"]`)?.dataset.state;

test("a test shows its three steps as they go, and how long they took", async () => {
  const fake = await openWindow("connected");
  await seen("All 3 accounts are connected.");
  const { id } = first(fake);
  const release = fake.hold("test");
  await card(id).getByRole("button", { name: "Test", exact: true }).click();
  await expect.poll(() => step("vault"), PATIENCE).toBe("running");
  fake.emit({ event: "test", progress: { connection: id, step: "vault", ok: true } });
  fake.emit({ event: "test", progress: { connection: id, step: "token", ok: null } });
  await expect.poll(() => [step("vault"), step("token"), step("service")], PATIENCE).toEqual(["ok", "running", "waiting"]);
  release();
  await seen("Everything works. It took 224 ms.");
  expect([step("vault"), step("token"), step("service")]).toEqual(["ok", "ok", "ok"]);
  await button("Close the test result").click();
  await gone("Everything works.");
});

test("a test that fails says at which step, why, and what to do", async () => {
  const fake = await openWindow("mixed");
  await seen("and one needs you.");
  const { id } = fake.world.connections[2]!;
  await card(id).getByRole("button", { name: "Try now" }).click();
  await seen("Try again in a little while.");
  expect([step("vault"), step("token"), step("service")]).toEqual(["ok", "ok", "failed"]);
});

test("a test that can't be asked for is told in the same place", async () => {
  const fake = await openWindow("connected");
  fake.failing.set("test", failure("handing_over"));
  await seen("All 3 accounts are connected.");
  await card(first(fake).id).getByRole("button", { name: "Test", exact: true }).click();
  await seen("Autopilot is moving to another process.");
});

test("a test under way elsewhere draws nothing here", async () => {
  const fake = await openWindow("connected");
  await seen("All 3 accounts are connected.");
  fake.emit({ event: "test", progress: { connection: first(fake).id, step: "vault", ok: null } });
  expect(document.querySelector("[data-step]")).toBeNull();
});

test("a pause of hours is told in hours", async () => {
  const until = new Date(Date.now() + 1437.5 * 60_000).toISOString();
  await openWindow("connected", {}, ({ world }) => void (world.connections[0]!.status = { kind: "rate_limited", until }));
  await seen(/^Again in 23 h 5[67] min\.$/);
});

test("pausing and resuming are one choice away", async () => {
  const fake = await openWindow("connected");
  await choose("More for Gmail, anna@example.org", "Pause");
  await expect.element(card(first(fake).id), PATIENCE).toHaveAttribute("data-status", "paused");
  await card(first(fake).id).getByRole("button", { name: "Resume" }).click();
  await expect.element(card(first(fake).id), PATIENCE).toHaveAttribute("data-status", "connected");
});

test("settings show the status with its evidence, every permission explained, and who it is", async () => {
  await openWindow("connected");
  await button("Settings of Gmail, anna@example.org").click();
  for (const words of ["Gmail is connected as anna@example.org.", "Anna Lindgren", "Last sync", "Last checked", "Ending it"]) {
    await expect.element(dialog(), PATIENCE).toHaveTextContent(words);
  }
  await dialog().getByRole("button", { name: "Test" }).click();
  await expect.element(dialog(), PATIENCE).toHaveTextContent("Everything works.");
  await dialog().getByRole("button", { name: "Sign in again" }).click();
  await expect.element(dialog(), PATIENCE).toHaveTextContent("Sign in to Gmail again");
});

test("focus stays in a dialog and returns to what opened it", async () => {
  await openWindow("connected");
  const opener = button("Settings of Gmail, anna@example.org");
  await opener.click();
  await expect.element(dialog(), PATIENCE).toBeVisible();
  for (let presses = 0; presses < 12; presses += 1) {
    await userEvent.keyboard("{Tab}");
    const focused = document.activeElement;
    expect(focused === document.body || element("dialog").contains(focused)).toBe(true);
  }
  await userEvent.keyboard("{Escape}");
  await noDialog();
  await expect.poll(() => document.activeElement, PATIENCE).toBe(opener.element());
});

test("disconnecting first names what dies with it", async () => {
  const fake = await openWindow("connected");
  await choose("More for Gmail, anna@example.org", "Disconnect…");
  await seen("Disconnecting takes this along:");
  await expect.element(dialog()).toHaveTextContent("One other connection: Google Drive, anna@example.org");
  await expect.element(dialog()).toHaveTextContent("Google ends everything this account allowed Autopilot");
  await button("Cancel").click();
  await noDialog();
  expect(fake.asked.some(({ request }) => request === "disconnect")).toBe(false);
});

test("disconnecting names the agents that use it and what waits to be sent, wherever it is begun", async () => {
  await openWindow("approvals");
  await button("Decide later").click();
  await choose("More for Gmail, anna@example.org", "Disconnect…");
  await seen(/waits? to be sent$/);
  await seen(/^Rules about it of: .*claude/);
  await seen(/^Used in the last 30 days by: .*claude/);
});

test("what couldn't be looked up before disconnecting is said, and doesn't keep anybody from it", async () => {
  const fake = await openWindow("connected");
  fake.failing.set("usage", failure("store_failed"));
  await choose("More for Telegram, @sandbox_helper_bot", "Disconnect…");
  await seen("Perhaps something that couldn't be looked up");
  await expect.element(button("Remove here only")).toBeEnabled();
});

test.each([
  ["Disconnect and end access", true],
  ["Remove here only", false],
])("%s does just that", async (label, revoke) => {
  const fake = await openWindow("connected");
  const { id } = first(fake);
  await choose("More for Gmail, anna@example.org", "Disconnect…");
  await button(label).click();
  await noDialog();
  expect(fake.asked.filter(({ request }) => request === "disconnect")).toEqual([
    { request: "disconnect", connection: id, revoke },
  ]);
  await seen("Both accounts are connected.");
});

test("offline, it says that the access is ended later", async () => {
  const fake = await openWindow("mixed");
  await seen("and one needs you.");
  expect(fake.world.connections[2]!.status.kind).toBe("service_down");
  await choose("More for Google Drive, anna@example.org", "Disconnect…");
  await seen("The access is ended there as soon as it can be.");
});

test("a key that only its owner can end offers no ending at the service", async () => {
  await openWindow("connected");
  await choose("More for Telegram, @sandbox_helper_bot", "Disconnect…");
  await seen("Only BotFather can end it, with /revoke.");
  expect(button("Disconnect and end access").query()).toBeNull();
  await expect.element(button("Remove here only")).toBeVisible();
});

test("a disconnect that fails says so and keeps the dialog", async () => {
  const fake = await openWindow("connected");
  fake.failing.set("disconnect", failure("vault_locked"));
  await choose("More for Gmail, anna@example.org", "Disconnect…");
  await button("Disconnect and end access").click();
  await seen("Your keychain or passphrase file is locked.");
  await expect.element(dialog()).toBeVisible();
});

test("a locked vault file opens with its passphrase, and a wrong one is said at the field", async () => {
  await openWindow("locked_file");
  await seen("Your vault file is locked.");
  await button("Unlock").first().click();
  const field = page.getByLabelText("Passphrase", { exact: true });
  await field.fill("wrong");
  await dialog().getByRole("button", { name: "Unlock" }).click();
  await seen("That passphrase doesn't open the file.");
  await field.fill("correct horse battery staple");
  await dialog().getByRole("button", { name: "Unlock" }).click();
  await noDialog();
  await gone("Your vault file is locked.");
});

test("a locked keychain is explained, and looked at again on request", async () => {
  const fake = await openWindow("locked");
  await button("Show options").click();
  await expect.element(dialog(), PATIENCE).toHaveTextContent("Unlock it in your system's password app.");
  fake.world.vault = { kind: "unlocked", place: "keychain" };
  await button("Check again").click();
  await seen("Your keychain is open and works.");
});

test("without a keychain a passphrase file is offered, never taken", async () => {
  const fake = await openWindow("no_keychain");
  await button("Show options").first().click();
  await button("Use a passphrase file instead").click();
  await seen("Nobody can recover a lost passphrase.");
  const create = button("Create the file");
  await page.getByLabelText("Passphrase", { exact: true }).fill("short");
  await page.getByLabelText("Passphrase again", { exact: true }).fill("short");
  await seen("Too short or too plain");
  await expect.element(create).toBeDisabled();
  await page.getByLabelText("Passphrase", { exact: true }).fill("orchard window seven lamps");
  await seen("The two don't match yet.");
  await expect.element(create).toBeDisabled();
  await page.getByLabelText("Passphrase again", { exact: true }).fill("orchard window seven lamps");
  expect(fake.asked.some(({ request }) => request === "use_vault_file")).toBe(false);
  await create.click();
  await noDialog();
  await gone("This system offers no keychain.");
});

test("a failing keychain shows what the system said, folded away", async () => {
  await openWindow("failing");
  await button("Show options").click();
  await expect.element(dialog(), PATIENCE).toHaveTextContent("Your keychain doesn't return what was stored.");
  await dialog().getByText("Details", { exact: true }).click();
  await seen("read back something else");
});

test("a change of the vault is heard at once", async () => {
  const fake = await openWindow("connected");
  await seen("All 3 accounts are connected.");
  fake.emit({ event: "vault", vault: { kind: "locked", place: "keychain" } });
  await seen("Your keychain is locked.");
});
