/** Things done to all connections: each told for itself, the rest left out on request, and nothing ended unasked. */

import { expect, test } from "vitest";
import { page } from "vitest/browser";

import { failure, type Fake } from "$lib/api/fake.ts";

import { button, card, choose, dialog, element, noDialog, openWindow, PATIENCE, seen } from "./window.ts";

const MENU = "More for all connections";
const asked = (fake: Fake, request: string) => fake.asked.filter((one) => one.request === request);
const states = () => [...document.querySelectorAll<HTMLElement>("[data-item]")].map(({ dataset }) => dataset.item);

test("all are tested, three at a time, and the end sums it up", async () => {
  const fake = await openWindow("every_status");
  await seen("5 need you");
  const release = fake.hold("test");
  await choose(MENU, "Test all");
  await expect.poll(() => asked(fake, "test").length, PATIENCE).toBe(3);
  expect(states().filter((state) => state === "runs").length).toBe(3);
  release();
  await seen(/of 11 failed\. What helps stands beside each\./);
  expect(states()).not.toContain("waits");
  // Everything but the paused one.
  expect(asked(fake, "test").length).toBe(11);
  await expect.element(dialog()).toHaveTextContent("Sign in again");
  await button("Done").click();
  await noDialog();
});

test("a test that is under way already is waited for, and not begun twice", async () => {
  const fake = await openWindow("connected");
  await seen("All 3 accounts are connected.");
  const release = fake.hold("test");
  const { id } = fake.world.connections[0]!;
  await card(id).getByRole("button", { name: "Test", exact: true }).click();
  await expect.poll(() => asked(fake, "test").length, PATIENCE).toBe(1);
  await choose(MENU, "Test all");
  await expect.poll(() => asked(fake, "test").length, PATIENCE).toBe(3);
  expect(states()).toEqual(["runs", "runs", "runs"]);
  release();
  await seen("All 3 went well.");
  expect(asked(fake, "test").length).toBe(3);
});

test("after a test of all, only the cards of those that failed still tell of it", async () => {
  await openWindow("every_status");
  await seen("5 need you");
  await choose(MENU, "Test all");
  await seen(/of 11 failed\./);
  const failed = states().filter((state) => state === "failed").length;
  await button("Done").click();
  await noDialog();
  expect(failed).toBeGreaterThan(0);
  expect(document.querySelectorAll("[data-connection] section.test").length).toBe(failed);
});

test("the rest can be left as it is while one is under way", async () => {
  const fake = await openWindow("every_status");
  await seen("5 need you");
  const release = fake.hold("set_paused");
  await choose(MENU, "Pause all");
  await expect.poll(() => asked(fake, "set_paused").length, PATIENCE).toBe(3);
  await button("Stop the rest").click();
  release();
  await seen("8 were left as they are.");
  expect(asked(fake, "set_paused").length).toBe(3);
  expect(states()).toEqual([...Array(3).fill("done"), ...Array(8).fill("skipped")]);
});

test("what failed says why, and is tried again alone", async () => {
  const fake = await openWindow("connected");
  await seen("All 3 accounts are connected.");
  fake.failing.set("set_paused", failure("store_failed"));
  await choose(MENU, "Pause all");
  await seen("3 of 3 failed.");
  fake.failing.delete("set_paused");
  await button("Try the failed ones again").click();
  await seen("All 3 went well.");
  await button("Done").click();
  await choose(MENU, "Resume all");
  await seen("All 3 went well.");
});

test("nothing is ended before the word is typed, and the one that died along isn't asked for twice", async () => {
  const fake = await openWindow("connected");
  await seen("All 3 accounts are connected.");
  await choose(MENU, "Disconnect all…");
  const end = dialog().getByRole("button", { name: "Disconnect all" });
  await expect.element(end, PATIENCE).toBeDisabled();
  await page.getByLabelText(/to confirm/).fill("disconnec");
  await expect.element(end).toBeDisabled();
  expect(asked(fake, "disconnect")).toEqual([]);
  await page.getByLabelText(/to confirm/).fill("Disconnect");
  await end.click();
  await seen("All 3 went well.");
  // Telegram's key can only be ended by its owner: here alone.
  expect(asked(fake, "disconnect").map((one) => "revoke" in one && one.revoke)).toEqual([true, true, false]);
  expect(fake.world.connections).toEqual([]);
  await button("Done").click();
  await seen("Welcome to the sandbox");
});

test("which access ends at its service and which only here is said before the word is typed", async () => {
  const fake = await openWindow("connected");
  await seen("All 3 accounts are connected.");
  const release = fake.hold("preview_disconnect");
  await choose(MENU, "Disconnect all…");
  await seen("What happens at its service stands beside each.");
  const fates = () => [...document.querySelectorAll("[data-item] .soft")].map(({ textContent }) => textContent);
  expect(fates()).toEqual(["…", "…", "…"]);
  release();
  await expect.poll(fates, PATIENCE).toEqual(["Ended at the service as well", "Ended at the service as well", "Removed here only"]);
});

test("closing it leaves the rest as it is", async () => {
  const fake = await openWindow("every_status");
  await seen("5 need you");
  const release = fake.hold("set_paused");
  await choose(MENU, "Pause all");
  await expect.poll(() => asked(fake, "set_paused").length, PATIENCE).toBe(3);
  await button("Close").click();
  release();
  await noDialog();
  await expect.poll(() => fake.world.connections.filter(({ status }) => status.kind === "paused").length, PATIENCE).toBe(4);
  expect(asked(fake, "set_paused").length).toBe(3);
  expect(element("main")).toBeTruthy();
});
