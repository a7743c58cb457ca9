/**
 * Every view and dialog, opened once and looked at in all its ways: axe-core finds nothing in either theme, narrow or
 * wide, nothing is wider than the window, enlarged to 200 % nothing is cut off, turned to German nothing English stays,
 * and whatever takes the focus shows it and isn't covered. And no view is forgotten: each has to come up in some scene.
 *
 * Axe looks once at each real difference. Themes differ in colours alone, so where the other theme was looked at whole
 * only the contrast is measured again; no media query lies between 360 and 420, nor above 1180; and German changes words,
 * not colours. The first look is at the size it was opened in: a menu closes when the window changes its own.
 */

import axe from "axe-core";
import { tick } from "svelte";
import { afterAll, afterEach, expect, test } from "vitest";
import { page, userEvent } from "vitest/browser";

import { language } from "$lib/state/language.svelte.ts";

import { englishLeft } from "./english.ts";
import { unseenFocus } from "./focus.ts";
import { SCENES, settled } from "./scenes.ts";
import { openWindow } from "./window.ts";

const COLOURS = { runOnly: ["color-contrast"] };
/** A part of WCAG 2.2 AA that axe leaves out unless it is asked for. */
const TARGETS = { "target-size": { enabled: true } };
const ALL = { rules: TARGETS };
const ALL_BUT_COLOURS = { rules: { ...TARGETS, "color-contrast": { enabled: false } } };

/** How each scene is looked at, in turn: what changes from one to the next is changed in place. */
const LOOKS: { theme: "light" | "dark"; width: number; axe: axe.RunOptions | null }[] = [
  { theme: "light", width: 1180, axe: ALL },
  { theme: "dark", width: 1180, axe: COLOURS },
  { theme: "dark", width: 360, axe: ALL },
  { theme: "light", width: 360, axe: COLOURS },
  { theme: "light", width: 420, axe: null },
];
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
  await language.choose("system");
  await page.viewport(1180, 760);
});

/**
 * What stays at an edge lies on some part of the page wherever that is scrolled to. Axe would measure what is left of a
 * target there; how it is reached is what `unseenFocus` looks at. Until what it returns is called, everything is in its row.
 */
function inRow(): () => void {
  const staying = [...document.querySelectorAll<HTMLElement>("body *:not(dialog)")].filter((one) => /sticky|fixed/.test(getComputedStyle(one).position));
  for (const { style } of staying) style.position = "static";
  return () => {
    for (const { style } of staying) style.position = "";
  };
}

/** Nothing wider than the window, and nothing that axe finds. */
async function look(theme: string, width: number, how: axe.RunOptions | null): Promise<void> {
  document.documentElement.dataset.theme = theme;
  await page.viewport(width, 760);
  await settled();
  const where = `${language.language} ${theme} ${width}`;
  expect(document.documentElement.scrollWidth, where).toBeLessThanOrEqual(width);
  if (how === null) return;
  const back = inRow();
  const { violations } = await axe.run(document, { ...how, resultTypes: ["violations"], selectors: false });
  back();
  expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${where}: ${id}: ${html}`))).toEqual([]);
}

/** Many looks; a busy machine takes its time. */
const PATIENT = { timeout: 180_000 };

test.each(SCENES)("$name can be used by everyone: in both themes, at every width, enlarged, in German, by keys", PATIENT, async ({ scenario, before, go }) => {
  const fake = await openWindow(scenario, {}, before);
  await go?.(fake);
  note();
  scenes += 1;

  await language.choose("de");
  await tick();
  // What is fetched with its dialog comes a moment later.
  await expect.poll(englishLeft).toEqual([]);
  await language.choose("en");
  await tick();
  for (const { theme, width, axe } of LOOKS) await look(theme, width, axe);

  await page.viewport(...ENLARGED);
  await settled();
  expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(ENLARGED[0]);
  expect(cutOff()).toEqual([]);

  await language.choose("de");
  await look("dark", 360, ALL_BUT_COLOURS);
  await look("light", 1180, null);

  // From now on the keyboard is what is used, where there is little room beside what stays at the edges. Last, since it
  // may close what opened.
  await page.viewport(...ENLARGED);
  await settled();
  await userEvent.keyboard("{Shift}");
  expect(unseenFocus()).toEqual([]);
});

afterAll(() => {
  if (scenes < SCENES.length) return; // Some were left out on purpose: `vitest -t`.
  const views = Object.keys(import.meta.glob("../src/lib/views/*.svelte")).map((path) => path.replace("../", ""));
  const forgotten = views.filter((view) => ![...seenFiles].some((file) => file.endsWith(view)));
  expect(forgotten, "views that appear in no scene").toEqual([]);
});
