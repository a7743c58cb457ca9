/**
 * axe-core over every view and dialog, in both themes, at three widths: no finding, and nothing wider than the window.
 * Enlarged to 200 % nothing is cut off either. And no view is forgotten: each has to come up in some scene.
 */

import axe from "axe-core";
import { afterAll, afterEach, expect, test } from "vitest";
import { page } from "vitest/browser";

import { SCENES, settled } from "./scenes.ts";
import { openWindow } from "./window.ts";

const WIDTHS = [360, 420, 1280];
const THEMES = ["light", "dark"];
/** A window of 1280 by 760 at 200 %. */
const ENLARGED = [640, 380] as const;

/** Where the compiler says an element, or a component around it, stands. */
interface Stands {
  file?: string;
  loc?: { file: string };
  parent?: Stands | null;
}

const seenFiles = new Set<string>();
let scenes = 0;

function note(): void {
  for (const element of document.querySelectorAll("*")) {
    const meta = (element as { __svelte_meta?: Stands }).__svelte_meta;
    if (meta?.loc) seenFiles.add(meta.loc.file);
    for (let at = meta?.parent; at; at = at.parent) if (at.file) seenFiles.add(at.file);
  }
}

/** Words that are cut off, or stick out of the window where nothing scrolls to them. */
function cutOff(): string[] {
  const found: string[] = [];
  const root = document.querySelector("dialog[open]") ?? document.body;
  for (const element of root.querySelectorAll<HTMLElement>("h1, h2, h3, p, li, dt, dd, button, label, input, summary, td, th, span")) {
    if (!element.checkVisibility() || element.closest(".visually-hidden, [aria-hidden=true], svg, [hidden]") !== null) continue;
    const style = getComputedStyle(element);
    const name = `${element.tagName.toLowerCase()} "${element.textContent.trim().slice(0, 40)}"`;
    // What ends in an ellipsis says the whole in its title.
    if (style.overflowX === "hidden" && style.textOverflow !== "ellipsis" && element.scrollWidth > element.clientWidth + 1) found.push(`cut: ${name}`);
    if (style.overflowX === "hidden" && style.textOverflow === "ellipsis" && element.scrollWidth > element.clientWidth + 1) {
      if (element.closest("[title]") === null && element.querySelector("[title]") === null) found.push(`no title: ${name}`);
    }
    const { left, right, width } = element.getBoundingClientRect();
    if (width === 0 || (left >= -1 && right <= innerWidth + 1)) continue;
    let around = element.parentElement;
    while (around !== null && !/auto|scroll/.test(getComputedStyle(around).overflowX)) around = around.parentElement;
    if (around === null || around === document.documentElement) found.push(`outside: ${name}`);
  }
  return found;
}

afterEach(async () => {
  localStorage.clear();
  delete document.documentElement.dataset.theme;
  await page.viewport(1180, 760);
});

/** Axe looks six times; a busy machine takes its time. */
const PATIENT = { timeout: 180_000 };

test.each(SCENES)("$name can be used by everyone, in both themes, at every width, enlarged too", PATIENT, async ({ scenario, before, go }) => {
  const fake = await openWindow(scenario, {}, before);
  await go?.(fake);
  note();
  scenes += 1;
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
  await page.viewport(...ENLARGED);
  await settled();
  expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(ENLARGED[0]);
  expect(cutOff()).toEqual([]);
});

afterAll(() => {
  if (scenes < SCENES.length) return; // Some were left out on purpose: `vitest -t`.
  const views = Object.keys(import.meta.glob("../src/lib/views/*.svelte")).map((path) => path.replace("../", ""));
  const forgotten = views.filter((view) => ![...seenFiles].some((file) => file.endsWith(view)));
  expect(forgotten, "views that appear in no scene").toEqual([]);
});
