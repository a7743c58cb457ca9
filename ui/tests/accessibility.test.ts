/** axe-core over every view and dialog, in both themes, at three widths: no finding, and nothing wider than the window. */

import axe from "axe-core";
import { afterEach, expect, test } from "vitest";
import { page } from "vitest/browser";

import { failure, type Fake } from "$lib/api/fake.ts";

import { button, choose, dialog, openWindow, seen } from "./window.ts";

interface Scene {
  name: string;
  scenario: string;
  before?: (fake: Fake) => void;
  go?: (fake: Fake) => Promise<void>;
}

const settings = async (item: string) => {
  await button("Settings").click();
  await page.getByRole("menuitem", { name: item }).click();
};

const SCENES: Scene[] = [
  { name: "first run", scenario: "first_run", go: () => seen("Connect your first service") },
  { name: "loading", scenario: "connected", before: (fake) => void fake.hold("list_connections") },
  {
    name: "unreachable",
    scenario: "connected",
    before: (fake) => void fake.failing.set("hub", failure("hub_unreachable")),
    go: () => seen("Autopilot can't be reached"),
  },
  { name: "every status", scenario: "every_status", go: () => seen("2 of 12 accounts connected, and 5 need you.") },
  { name: "card menu", scenario: "connected", go: () => button("More for Gmail, anna@example.org").click() },
  { name: "settings menu", scenario: "connected", go: () => button("Settings").click() },
  {
    name: "test result",
    scenario: "connected",
    go: async () => {
      await button("Test").first().click();
      await seen("Everything works.");
    },
  },
  {
    name: "failed test",
    scenario: "mixed",
    go: async () => {
      await button("Try now").click();
      await seen("Try again in a little while.");
    },
  },
  { name: "connect", scenario: "first_run", go: () => button("Connect Gmail").click() },
  {
    name: "waiting, pasting",
    scenario: "first_run",
    go: async () => {
      await button("Connect Gmail").click();
      await button("Continue in browser").click();
      await button("Paste address").click();
    },
  },
  {
    name: "connected, something missing",
    scenario: "first_run",
    go: async (fake) => {
      await button("Connect Gmail").click();
      await button("Continue in browser").click();
      await seen("Finish in your browser");
      fake.comeBack(fake.signIns[0]!.id, ["Read your mail"]);
      await seen("Connected as");
    },
  },
  {
    name: "sign-in failed",
    scenario: "first_run",
    go: async (fake) => {
      await button("Connect Gmail").click();
      await button("Continue in browser").click();
      await seen("Finish in your browser");
      fake.end(fake.signIns[0]!.id, { kind: "failed", error: failure("sign_in_denied", {}, "access_denied") });
      await seen("declined");
    },
  },
  {
    name: "sign-in cancelled",
    scenario: "first_run",
    go: async () => {
      await button("Connect Gmail").click();
      await button("Continue in browser").click();
      await button("Cancel sign-in").click();
      await seen("was cancelled");
    },
  },
  {
    name: "refused link",
    scenario: "connected",
    go: async (fake) => {
      await seen("All 3 accounts are connected.");
      fake.emit({ event: "open", target: { place: "link_refused", error: failure("sign_in_unknown") } });
      await seen("This link wasn't used");
    },
  },
  { name: "registration", scenario: "unregistered", go: () => button("Connect Gmail").click() },
  {
    name: "form with an error",
    scenario: "first_run",
    go: async () => {
      await button("Connect Telegram").click();
      await page.getByLabelText("Bot key", { exact: true }).fill("half");
      await dialog().getByRole("button", { name: "Connect", exact: true }).click();
      await seen("The part before the colon");
    },
  },
  {
    name: "disconnect",
    scenario: "connected",
    go: async () => {
      await choose("More for Gmail, anna@example.org", "Disconnect…");
      await seen("This ends as well:");
    },
  },
  { name: "settings", scenario: "connected", go: () => button("Settings of Gmail, anna@example.org").click() },
  { name: "registrations", scenario: "connected", go: () => settings("Client registrations") },
  { name: "vault", scenario: "connected", go: () => settings("Keychain") },
  { name: "locked vault file", scenario: "locked_file", go: () => button("Unlock").first().click() },
  { name: "no keychain", scenario: "no_keychain", go: () => button("Show options").first().click() },
  {
    name: "passphrase file",
    scenario: "no_keychain",
    go: async () => {
      await button("Show options").first().click();
      await button("Use a passphrase file instead").click();
    },
  },
  { name: "failing keychain", scenario: "failing", go: () => button("Show options").first().click() },
];

const WIDTHS = [360, 900, 1280];
const THEMES = ["light", "dark"];

afterEach(async () => {
  localStorage.clear();
  delete document.documentElement.dataset.theme;
  await page.viewport(1180, 760);
});

/** Colours are measured once they have stopped moving. */
async function settled(): Promise<void> {
  await Promise.allSettled(
    document
      .getAnimations()
      .filter((animation) => animation.effect?.getComputedTiming().iterations !== Infinity)
      .map((animation) => animation.finished),
  );
}

test.each(SCENES)("$name can be used by everyone, in both themes, at every width", async ({ scenario, before, go }) => {
  const fake = await openWindow(scenario, {}, before);
  await go?.(fake);
  for (const theme of THEMES) {
    document.documentElement.dataset.theme = theme;
    for (const width of WIDTHS) {
      await page.viewport(width, 760);
      await settled();
      const { violations } = await axe.run(document, { resultTypes: ["violations"] });
      const findings = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${theme} ${width}: ${id}: ${html}`));
      expect(findings).toEqual([]);
      expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(width);
    }
  }
});
