/** Who asks for less motion gets none that goes on. */

import { afterEach, expect, test } from "vitest";
import { cdp, page } from "vitest/browser";

import { button, choose, openWindow, PATIENCE, seen } from "./window.ts";

afterEach(async () => {
  await cdp().send("Emulation.setEmulatedMedia", { features: [] });
  await page.viewport(1180, 760);
});

test("less motion: nothing moves for ever, and nothing takes its time", async () => {
  await cdp().send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-reduced-motion", value: "reduce" }] });
  const moving = () =>
    document
      .getAnimations()
      .filter(({ playState }) => playState === "running")
      .filter(({ effect }) => {
        const { iterations, duration } = effect?.getComputedTiming() ?? {};
        return iterations === Infinity || Number(duration) > 300;
      })
      .map(({ effect }) => (effect as KeyframeEffect).target?.outerHTML.slice(0, 120));
  const fake = await openWindow("lively", {}, (fake) => void fake.hold("list_connections"));
  await expect.poll(() => document.querySelector(".skeleton"), PATIENCE).not.toBeNull();
  expect(moving()).toEqual([]);
  fake.held.clear();
});

test.each([
  ["a test under way", "connected", "test", () => button("Test").first().click()],
  ["all being paused", "connected", "set_paused", () => choose("More for all connections", "Pause all")],
  ["being refreshed", "connected", "refresh", () => button("Check all connections now").click()],
] as const)("less motion: %s stands still", async (_, scenario, held, go) => {
  await cdp().send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-reduced-motion", value: "reduce" }] });
  const fake = await openWindow(scenario);
  await seen("All 3 accounts are connected.");
  const release = fake.hold(held);
  await go();
  await expect.poll(() => fake.asked.filter(({ request }) => request === held).length, PATIENCE).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const endless = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().iterations === Infinity);
  expect(endless.map(({ effect }) => (effect as KeyframeEffect).target?.outerHTML.slice(0, 120))).toEqual([]);
  release();
});
