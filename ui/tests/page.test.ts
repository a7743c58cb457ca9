/** The main page: first run, loading, trouble, what the cards say, and what moves them. */

import { afterEach, expect, test } from "vitest";
import { page, userEvent } from "vitest/browser";

import { failure } from "$lib/api/fake.ts";
import { connectionTo, EVERY_STATUS } from "$lib/api/fake_world.ts";
import { wordOf } from "$lib/status.ts";
import { tellStatus } from "$lib/texts.ts";

import { button, card, choose, dialog, element, gone, noDialog, openWindow, PATIENCE, seen } from "./window.ts";

afterEach(() => page.viewport(1180, 760));

test("the first run welcomes, and every service invites to connect", async () => {
  const fake = await openWindow("first_run");
  await seen("Welcome to the sandbox");
  await seen("Everything here is a stand-in on this computer");
  for (const service of ["Gmail", "Google Drive", "Telegram"]) {
    await expect.element(button(`Connect ${service}`)).toBeVisible();
  }
  await expect.poll(() => fake.shownTimes, PATIENCE).toBe(1);
});

test("outside the sandbox nothing claims to be a stand-in", async () => {
  await openWindow("unregistered");
  await seen("Connect your first account");
  expect(page.getByText("stand-in").query()).toBeNull();
  expect(page.getByText("Sandbox", { exact: true }).query()).toBeNull();
});

test("while the lists are read, places for the cards are kept", async () => {
  let release = () => undefined as void;
  await openWindow("connected", {}, (fake) => (release = fake.hold("list_connections")));
  await expect.poll(() => element("main").getAttribute("aria-busy"), PATIENCE).toBe("true");
  expect(document.querySelectorAll(".skeleton").length).toBeGreaterThan(0);
  release();
  await seen("All 3 accounts are connected.");
  expect(document.querySelectorAll(".skeleton")).toHaveLength(0);
});

test("a hub that can't be asked is told, and asking again works", async () => {
  const fake = await openWindow("connected", {}, (hub) => hub.failing.set("hub", failure("hub_unreachable")));
  await seen("Autopilot can't be reached");
  await seen("Start the app, or run: autopilot hub.");
  expect(fake.shownTimes).toBeLessThanOrEqual(1);
  fake.failing.clear();
  await button("Try again").click();
  await seen("All 3 accounts are connected.");
});

test("every status has its word, its sentence and its next step on the card", async () => {
  const fake = await openWindow("every_status");
  await seen("2 of 12 accounts connected, and 5 need you.");
  for (const [index, status] of EVERY_STATUS.entries()) {
    const { id, account } = fake.world.connections[index]!;
    await expect.element(card(id)).toHaveAttribute("data-status", status.kind);
    await expect.element(card(id)).toHaveTextContent(wordOf(status));
    if (status.kind === "connected" || status.kind === "unproven") continue;
    const { sentence, next } = tellStatus(status, "Gmail", account);
    await expect.element(card(id)).toHaveTextContent(sentence);
    await expect.element(card(id)).toHaveTextContent(next);
  }
});

test.each([
  ["connected", "Test"],
  ["needs_sign_in", "Sign in again"],
  ["offline", "Try now"],
  ["service_down", "Try now"],
  ["vault_locked", "Unlock"],
  ["not_configured", "Sign in again"],
  ["paused", "Resume"],
])("a connection that is %s offers: %s", async (kind, label) => {
  const fake = await openWindow("every_status");
  const { id } = fake.world.connections[EVERY_STATUS.findIndex((status) => status.kind === kind)]!;
  await expect.element(page.getByText("2 of 12 accounts"), PATIENCE).toBeVisible();
  await expect.element(card(id).getByRole("button", { name: label, exact: true })).toBeVisible();
});

test("without any registration, adding one comes first", async () => {
  const fake = await openWindow("unregistered", {}, ({ world }) => world.connections.push(connectionTo(world.integrations[0]!, "anna@example.org", { status: { kind: "not_configured" } })));
  await seen("needs you");
  await card(fake.world.connections[0]!.id).getByRole("button", { name: "Add registration" }).click();
  await expect.element(dialog().getByRole("heading", { name: "Register with Google" }), PATIENCE).toBeInTheDocument();
});

test("the badge says when it was last proven, and moves with the clock", async () => {
  const fake = await openWindow("connected");
  await seen("All 3 accounts are connected.");
  const { id } = fake.world.connections[0]!;
  const time = () => element(`[data-connection="${id}"] time`);
  expect(time().title).not.toBe("");
  const first = time().textContent;
  await expect.poll(() => time().textContent, PATIENCE).not.toBe(first);
});

test("a permission left out is muted, and can be chosen again", async () => {
  const fake = await openWindow("mixed");
  await seen("and one needs you.");
  const { id } = fake.world.connections[1]!;
  await expect.element(card(id)).toHaveTextContent("Read your mailnot allowed");
  await card(id).getByRole("button", { name: "Choose again" }).click();
  await expect.element(dialog()).toHaveTextContent("Sign in to Gmail again");
});

test("ticks are green only where what they stand for can be used", async () => {
  const fake = await openWindow("every_status");
  await seen("2 of 12 accounts connected, and 5 need you.");
  const colour = (index: number) => {
    const tick = element(`[data-connection="${fake.world.connections[index]!.id}"] [aria-label="Permissions"] .icon`);
    return getComputedStyle(tick).color;
  };
  const green = colour(0);
  const muted = EVERY_STATUS.filter((_, index) => colour(index) !== green);
  expect(muted.map(({ kind }) => kind)).toEqual(["needs_sign_in", "vault_locked", "no_keychain", "not_configured"]);
});

test.each([360, 420])("at %i pixels the last sync has a row of its own, and the buttons share the next", async (width) => {
  const fake = await openWindow("every_status");
  await seen("2 of 12 accounts connected, and 5 need you.");
  await page.viewport(width, 760);
  for (const { id } of fake.world.connections) {
    const foot = element(`[data-connection="${id}"] footer`);
    const sync = foot.querySelector(".sync")!.getBoundingClientRect();
    const buttons = [...foot.querySelectorAll("button")].map((one) => one.getBoundingClientRect());
    expect(buttons.map(({ top }) => top)).toEqual([buttons[0]!.top, buttons[0]!.top]);
    expect(sync.bottom).toBeLessThanOrEqual(buttons[0]!.top);
    expect(buttons[1]!.right).toBeCloseTo(foot.getBoundingClientRect().right, 0);
  }
});

test("what the hub tells moves the card and is announced once", async () => {
  const fake = await openWindow("connected");
  await seen("All 3 accounts are connected.");
  const connection = { ...fake.world.connections[0]!, status: EVERY_STATUS[2]! };
  fake.emit({ event: "connection_changed", connection });
  await seen("and one needs you.");
  await expect.element(card(connection.id)).toHaveAttribute("data-status", "needs_sign_in");
  await seen("Gmail, anna@example.org: Sign-in needed.");
  fake.emit({ event: "connection_removed", id: connection.id });
  await seen("Both accounts are connected.");
  await expect.element(button("Connect Gmail")).toBeVisible();
});

test("refreshing asks the hub once, however often it is pressed meanwhile", async () => {
  const fake = await openWindow("connected");
  await seen("All 3 accounts are connected.");
  const release = fake.hold("refresh");
  await button("Check all connections now").click();
  await seen("Checking…");
  await button("Check all connections now").click();
  release();
  await seen("All connections have been checked.");
  expect(fake.asked.filter(({ request }) => request === "refresh")).toHaveLength(1);
});

test.each(["Connections", "Agents", "Activity", "All settings"])("a command that fails says so on whatever page one is: %s", async (name) => {
  const fake = await openWindow("connected", {}, (fake) => void fake.failing.set("refresh", failure("store_failed")));
  await seen("All 3 accounts are connected.");
  if (name === "All settings") await choose("Settings", name);
  else await button(name).click();
  await page.viewport(640, 380);
  window.scrollTo(0, document.documentElement.scrollHeight);
  await button("Check all connections now").click();
  const said = page.getByRole("alert").filter({ hasText: "Autopilot couldn't write its database." });
  await expect.element(said, PATIENCE).toBeInViewport({ ratio: 1 });
  expect(said.elements()).toHaveLength(1);

  // It is over as soon as the next command begins, not only once that is done.
  fake.failing.delete("refresh");
  const release = fake.hold("refresh");
  await button("Check all connections now").click();
  await expect.poll(() => said.query(), PATIENCE).toBeNull();
  release();
  await seen("All connections have been checked.");
});

test.each(["Pause all agents", "Try the sandbox"])("that it failed is over once it is tried again: %s", async (name) => {
  const fake = await openWindow("first_run_real", {}, (fake) => void fake.failing.set("set_settings", failure("store_failed")));
  const { openSandbox } = fake;
  fake.openSandbox = () => Promise.reject(failure("store_failed"));
  await expect.poll(() => document.querySelector("[data-integration]"), PATIENCE).not.toBeNull();
  const run = async () => {
    await userEvent.keyboard("{Control>}k{/Control}");
    await expect.element(page.getByRole("combobox"), PATIENCE).toHaveFocus();
    await userEvent.keyboard(`${name}{Enter}`);
    await noDialog();
  };
  await run();
  await seen("Autopilot couldn't write its database.");
  fake.failing.clear();
  fake.openSandbox = openSandbox;
  await run();
  await gone("Autopilot couldn't write its database.");
});

test("another account of a connected service is added from its card", async () => {
  await openWindow("connected");
  await choose("More for Gmail, anna@example.org", "Add another account…");
  await expect.element(dialog()).toHaveTextContent("Connect Gmail");
});

test("menus work by keyboard alone", async () => {
  await openWindow("connected");
  const more = button("More for Gmail, anna@example.org");
  await expect.element(more, PATIENCE).toBeVisible();
  (more.element() as HTMLElement).focus();
  await userEvent.keyboard("{ArrowDown}");
  await expect.poll(() => document.activeElement?.textContent.trim(), PATIENCE).toBe("Sign in again");
  await userEvent.keyboard("{ArrowUp}");
  expect(document.activeElement?.textContent.trim()).toBe("Disconnect…");
  await userEvent.keyboard("p");
  expect(document.activeElement?.textContent.trim()).toBe("Pause");
  await userEvent.keyboard("{Escape}");
  expect(page.getByRole("menu").query()).toBeNull();
  expect(document.activeElement).toBe(more.element());
});

test("the theme chosen is worn at once and kept", async () => {
  await openWindow("connected");
  const pick = async (theme: string) => {
    await button("Settings").click();
    await page.getByRole("menuitemradio", { name: theme }).click();
  };
  await pick("Dark");
  expect(document.documentElement.dataset.theme).toBe("dark");
  expect(localStorage.getItem("theme")).toBe("dark");
  await pick("Like the system");
  expect(document.documentElement.dataset.theme).toBeUndefined();
  expect(localStorage.getItem("theme")).toBeNull();
});

test("a notification leads to its connection, and closing the dialog ends the mark", async () => {
  const fake = await openWindow("mixed");
  await seen("and one needs you.");
  const { id, account } = fake.world.connections[1]!;
  fake.emit({ event: "open", target: { place: "connection", id } });
  await expect.element(dialog(), PATIENCE).toHaveTextContent(account);
  expect(element(`[data-connection="${id}"]`).classList).toContain("marked");
  await userEvent.keyboard("{Escape}");
  await noDialog();
  await expect.poll(() => element(`[data-connection="${id}"]`).classList.contains("marked"), PATIENCE).toBe(false);
});

test("what a person has begun to type stays until they are done, whoever wants the window elsewhere", async () => {
  const fake = await openWindow("connected");
  await seen("All 3 accounts are connected.");
  await choose("Settings", "Moving house");
  await page.getByLabelText("Folder").fill("/home/anna");
  fake.emit({ event: "open", target: { place: "agents", caller: null } });
  fake.emit({ event: "open", target: { place: "connection", id: fake.world.connections[0]!.id } });
  await expect.element(page.getByLabelText("Folder"), PATIENCE).toHaveValue("/home/anna");
  await expect.element(dialog()).toHaveTextContent("Moving house");
  await userEvent.keyboard("{Escape}");
  await expect.element(dialog(), PATIENCE).toHaveTextContent(fake.world.connections[0]!.account);
});

test("a dialog about a connection that is gone closes itself", async () => {
  const fake = await openWindow("connected");
  await seen("All 3 accounts are connected.");
  const { id } = fake.world.connections[0]!;
  fake.emit({ event: "open", target: { place: "connection", id } });
  await expect.element(dialog(), PATIENCE).toBeVisible();
  fake.emit({ event: "connection_removed", id });
  await noDialog();
});
