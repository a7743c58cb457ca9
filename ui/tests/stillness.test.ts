/** While something is fetched its place is kept: what is already there stays where it is when the rest comes. */

import { afterEach, expect, test } from "vitest";
import { page } from "vitest/browser";

import type { Request } from "$lib/api/bindings.ts";
import type { Fake } from "$lib/api/fake.ts";

import { settled } from "./scenes.ts";
import { button, choose, openWindow, PATIENCE, seen } from "./window.ts";

interface Wait {
  name: string;
  scenario: string;
  held: Request["request"][];
  go?: (fake: Fake) => Promise<void>;
  /** What is there once everything has come. */
  done: () => Promise<void>;
}

const GMAIL = "Gmail, anna@example.org";
const tab = async (of: string, name: string) => {
  await button(`Settings of ${of}`).click();
  await page.getByRole("tab", { name }).click();
};

const drawn = async () => void (await expect.poll(() => document.querySelector("canvas"), PATIENCE).not.toBeNull());

const WAITS: Wait[] = [
  { name: "the window itself", scenario: "connected", held: ["list_connections"], done: () => seen("All 3 accounts are connected.") },
  { name: "a check-up", scenario: "connected", held: ["doctor"], go: () => choose("Settings", "Check-up"), done: () => seen("Everything is in order.") },
  { name: "the history", scenario: "lively", held: ["list_ledger"], go: () => button("Activity").click(), done: () => seen(/^Lines /) },
  {
    name: "usage of everything",
    scenario: "lively",
    held: ["usage"],
    go: async () => {
      await button("Activity").click();
      await page.getByRole("tab", { name: "Usage" }).click();
    },
    done: drawn,
  },
  { name: "usage and last activity of a connection", scenario: "lively", held: ["usage", "list_ledger"], go: () => tab(GMAIL, "Activity"), done: drawn },
  {
    name: "health of a connection, and what ends with it",
    scenario: "agents",
    held: ["usage", "health", "preview_disconnect"],
    go: () => button(`Settings of ${GMAIL}`).click(),
    done: () => seen("Disconnecting takes this along:"),
  },
  {
    name: "what disconnecting ends",
    scenario: "connected",
    held: ["preview_disconnect"],
    go: () => choose(`More for ${GMAIL}`, "Disconnect…"),
    done: () => seen("Disconnecting takes this along:"),
  },
  {
    name: "mail",
    scenario: "lively",
    held: ["list_emails"],
    go: async () => {
      await tab(GMAIL, "Try it");
      await page.getByText("Look at mail").click();
    },
    done: () => seen("Notes from Tuesday"),
  },
  { name: "files", scenario: "lively", held: ["list_files"], go: () => tab("Google Drive, anna@example.org", "Try it"), done: () => seen("Workshop plan.pdf") },
];

afterEach(() => page.viewport(1180, 760));

/** Where everything is that says something. */
function places(): Map<Element, DOMRect> {
  const all = new Map<Element, DOMRect>();
  const root = document.querySelector("dialog") ?? document.body;
  for (const element of root.querySelectorAll("h1, h2, h3, p, label, legend, button, input, select, dt, summary, [role=tab]")) {
    if (element.closest(".visually-hidden, [aria-hidden=true]") === null && element.checkVisibility()) all.set(element, element.getBoundingClientRect());
  }
  return all;
}

const nameOf = (element: Element) => `${element.tagName.toLowerCase()} "${(element.getAttribute("aria-label") ?? element.textContent).trim().slice(0, 40)}"`;

test.each(WAITS.flatMap((wait) => [900, 420].map((width) => ({ ...wait, width }))))("$name: nothing moves when it comes, at $width px", async ({ scenario, held, go, done, width }) => {
  await page.viewport(width, 760);
  let releases: (() => void)[] = [];
  const fake = await openWindow(scenario, {}, (fake) => {
    if (go === undefined) releases = held.map((name) => fake.hold(name));
  });
  if (go !== undefined) {
    await expect.poll(() => document.querySelector("[data-integration]"), PATIENCE).not.toBeNull();
    releases = held.map((name) => fake.hold(name));
    await go(fake);
  }
  await expect.poll(() => fake.asked.filter(({ request }) => held.includes(request)).length, PATIENCE).toBeGreaterThan(0);
  await expect.poll(() => document.querySelector(".skeleton"), PATIENCE).not.toBeNull();
  await settled();
  const before = places();
  for (const release of releases) release();
  await done();
  await expect.poll(() => document.querySelector(".skeleton"), PATIENCE).toBeNull();
  await settled();
  const moved = [...before].flatMap(([element, was]) => {
    // The row of buttons stands at the end of what comes; what would be a danger to hit can't be pressed before.
    if (!element.isConnected || !element.checkVisibility() || element.closest(".actions") !== null) return [];
    const is = element.getBoundingClientRect();
    const by = [Math.round(is.left - was.left), Math.round(is.top - was.top)] as const;
    return Math.abs(by[0]) > 1 || Math.abs(by[1]) > 1 ? [`${nameOf(element)} by ${by[0]}, ${by[1]}`] : [];
  });
  expect(moved).toEqual([]);
});

test("settings are there at once: the window knows them already", async () => {
  const fake = await openWindow("connected");
  await expect.poll(() => document.querySelector("[data-integration]"), PATIENCE).not.toBeNull();
  const asked = fake.asked.length;
  fake.hold("get_settings");
  await button("Settings").click();
  await page.getByRole("menuitem", { name: "All settings" }).click();
  await button("Sending").click();
  await expect.element(page.getByLabelText("Time to take something back")).toHaveValue("10");
  expect(fake.asked.length).toBe(asked);
});
