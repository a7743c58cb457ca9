/** In a narrow window things stand in line, keep off its edges, and say all they have to say. */

import { afterEach, expect, test } from "vitest";
import { page } from "vitest/browser";

import { language } from "$lib/state/language.svelte.ts";

import { settled } from "./scenes.ts";
import { button, choose, dialog, element, openWindow, PATIENCE, seen } from "./window.ts";

const GMAIL = "Gmail, anna@example.org";

afterEach(async () => {
  localStorage.clear();
  await language.choose("system");
  await page.viewport(1180, 760);
});

const box = (of: Element | null) => of!.getBoundingClientRect();

test("whether a permission is granted stands below its words, not below the box beside them", async () => {
  await page.viewport(420, 760);
  await openWindow("connected");
  await button(`Settings of ${GMAIL}`).click();
  await page.getByRole("tab", { name: "Permissions" }).click();
  await expect.element(dialog().getByRole("checkbox", { name: "Read your mail" }), PATIENCE).toBeVisible();
  for (const line of document.querySelectorAll("dialog [aria-label=Permissions] > li")) {
    expect(box(line.querySelector(".state svg")).left).toBeCloseTo(box(line.querySelector(".title")).left, 0);
  }
});

test("the chosen part of the settings keeps off the window's edge", async () => {
  await page.viewport(420, 760);
  await openWindow("connected");
  await choose("Settings", "All settings");
  const parts = () => [...document.querySelectorAll<HTMLElement>("nav[aria-label='Parts of the settings'] button")];
  await expect.poll(() => parts().length, PATIENCE).toBeGreaterThan(5);
  for (const part of [...parts(), ...parts().reverse()]) {
    part.click();
    await expect.poll(() => part.ariaCurrent).toBe("true");
    expect(Math.round(box(part).left), part.textContent).toBeGreaterThanOrEqual(16);
    expect(Math.round(box(part).right), part.textContent).toBeLessThanOrEqual(404);
  }
});

test("the help of a field is as near to it as its label, and without help nothing is below it", async () => {
  await openWindow("lively");
  await button(`Settings of ${GMAIL}`).click();
  await expect.element(page.getByLabelText("Name", { exact: true }), PATIENCE).toBeVisible();
  await settled();
  const gaps = (of: HTMLElement) => {
    const [label, frame, help] = ["label", ".box", ".help"].map((part) => of.querySelector(part));
    return { above: box(frame!).top - box(label!).bottom, below: help ? box(help).top - box(frame!).bottom : 0, rest: box(of).bottom - box(help ?? frame!).bottom };
  };
  const fieldOf = (label: string) => page.getByLabelText(label, { exact: true }).element().closest<HTMLElement>(".field")!;
  const { above, below, rest } = gaps(fieldOf("Name"));
  expect(above).toBeGreaterThan(0);
  expect(below).toBeCloseTo(above, 0);
  expect(rest).toBeCloseTo(0, 0);
  await page.getByRole("tab", { name: "Try it" }).click();
  await expect.element(page.getByLabelText("To", { exact: true }), PATIENCE).toBeVisible();
  expect(gaps(fieldOf("To")).rest).toBeCloseTo(0, 0);
});

test.each([360, 420])("a check-up says in full what is in order, at %i pixels, in every language", async (width) => {
  await page.viewport(width, 760);
  await openWindow("connected");
  await choose("Settings", "Check-up");
  await seen("Everything is in order.");
  for (const [spoken, end] of [["en", "free."], ["de", "frei."]] as const) {
    await language.choose(spoken);
    await expect.poll(() => element("[data-check=disk] .found").textContent, PATIENCE).toContain(end);
    const cut = [...document.querySelectorAll(".found")].filter((one) => one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight);
    expect(cut.map(({ textContent }) => textContent)).toEqual([]);
  }
});
