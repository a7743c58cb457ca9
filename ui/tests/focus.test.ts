/** Whatever takes the focus shows it; who asks for less motion gets none that goes on; and no dialog opens unnoticed. */

import { afterEach, expect, test } from "vitest";
import { cdp, page, userEvent } from "vitest/browser";

import { button, choose, openWindow, PATIENCE, seen } from "./window.ts";
import { SCENES, settled } from "./scenes.ts";

/** Frames aren't among them: their focus is their own document's, and base.css draws one around `iframe:focus`. */
const CAN_FOCUS = "a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, [tabindex='0']";
/** Around a field its frame shows the focus, not the field. */
const LEVELS = 3;
const LOOKS = ["outlineStyle", "outlineWidth", "outlineColor", "boxShadow", "borderColor", "backgroundColor"] as const;

function looks(element: Element): string {
  const all: string[] = [];
  for (let at: Element | null = element, level = 0; at !== null && level < LEVELS; at = at.parentElement, level += 1) {
    const style = getComputedStyle(at);
    all.push(LOOKS.map((name) => (name.startsWith("outline") && style.outlineStyle === "none" ? "" : style[name])).join("|"));
  }
  return all.join("\n");
}

afterEach(async () => {
  await cdp().send("Emulation.setEmulatedMedia", { features: [] });
  await page.viewport(1180, 760);
});

test.each(SCENES)("$name: everything that takes the focus shows it", { timeout: 120_000 }, async ({ scenario, before, go }) => {
  const fake = await openWindow(scenario, {}, before);
  await go?.(fake);
  await settled();
  // From now on the keyboard is what is used.
  await userEvent.keyboard("{Shift}");
  const root = document.querySelector("dialog[open]") ?? document.body;
  const unseen: string[] = [];
  for (const element of root.querySelectorAll<HTMLElement>(CAN_FOCUS)) {
    if (!element.checkVisibility() || element.closest("[hidden], [inert], [role=menu]") !== null) continue;
    (document.activeElement as HTMLElement | null)?.blur();
    const before = looks(element);
    element.focus({ preventScroll: true });
    if (document.activeElement !== element) continue;
    for (const { finish } of document.getAnimations().map((one) => ({ finish: () => one.effect?.getComputedTiming().iterations !== Infinity && one.finish() }))) finish();
    if (looks(element) === before) unseen.push(element.outerHTML.slice(0, 160));
  }
  expect(unseen).toEqual([]);
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
