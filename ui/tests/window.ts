/** Opens the whole window on a hub of the test's own. */

import "$lib/styles/tokens.css";
import "$lib/styles/base.css";
import "$lib/styles/looks.css";

import { expect } from "vitest";
import { page } from "vitest/browser";
import { cleanup, render } from "vitest-browser-svelte";

import { Fake, type FakeOptions } from "$lib/api/fake.ts";
import { scenario } from "$lib/api/fake_world.ts";
import { Undo } from "$lib/state/undo.svelte.ts";

import App from "../src/App.svelte";

Undo.momentMs = 3_600_000;

/** A busy machine may take this long for what takes milliseconds. */
export const PATIENCE = { timeout: 15_000 };

export async function openWindow(name: string, options: FakeOptions = {}, before?: (fake: Fake) => void): Promise<Fake> {
  // What one test left half done isn't the next one's.
  for (const key of Object.keys(localStorage)) if (key.startsWith("setup.")) localStorage.removeItem(key);
  // The modules are loaded once for all files, so what the library does before each test it does for the first file alone.
  cleanup();
  const fake = new Fake(scenario(name), options);
  before?.(fake);
  await render(App, { transport: fake });
  return fake;
}

export const card = (connection: string) => page.elementLocator(element(`[data-connection="${connection}"]`));

export function element(selector: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(selector);
  if (found === null) throw new Error(`nothing matches ${selector}`);
  return found;
}

/** A file let go over the place that takes one, as a plain browser tells of it. */
export function drop(file: File): void {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(file);
  element(".drop").dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
}

export const button = (name: string | RegExp) => page.getByRole("button", { name, exact: true });
export const dialog = () => page.getByRole("dialog");
export const text = (words: string | RegExp) => page.getByText(words);

export async function choose(menu: string, item: string): Promise<void> {
  await button(menu).click();
  await page.getByRole("menuitem", { name: item, exact: true }).click();
}

export async function seen(words: string | RegExp): Promise<void> {
  await expect.element(text(words).first(), PATIENCE).toBeInTheDocument();
}

export async function gone(words: string | RegExp): Promise<void> {
  await expect.poll(() => text(words).query(), PATIENCE).toBeNull();
}

export async function noDialog(): Promise<void> {
  await expect.poll(() => document.querySelector("dialog"), PATIENCE).toBeNull();
}
