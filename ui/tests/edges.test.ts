/** What stays at the window's edges: it covers nothing one gets to by keys, and what moves in it isn't read out. */

import { afterEach, expect, test } from "vitest";
import { page, userEvent } from "vitest/browser";

import type { Fake } from "$lib/api/fake.ts";

import { unseenFocus } from "./focus.ts";
import { settled } from "./scenes.ts";
import { button, choose, element, noDialog, openWindow, PATIENCE, seen } from "./window.ts";

afterEach(() => page.viewport(1180, 760));

const tryIt = async (of: string) => {
  const fake = await openWindow("lively");
  await button(`Settings of ${of}`).click();
  await page.getByRole("tab", { name: "Try it" }).click();
  return fake;
};

async function sendMail(): Promise<Fake> {
  const fake = await tryIt("Gmail, anna@example.org");
  await button("Send yourself a test mail").click();
  await seen("Goes out in");
  return fake;
}

async function upload(): Promise<Fake> {
  const fake = await tryIt("Google Drive, anna@example.org");
  await button("Choose files…").click();
  await button("Upload").click();
  await seen("Uploading…");
  return fake;
}

async function closeDialog(): Promise<void> {
  await userEvent.keyboard("{Escape}");
  await noDialog();
}

/** As a screen reader has it: without what is hidden from it. */
function heard(node: Node): string {
  if (node instanceof Element && node.getAttribute("aria-hidden") === "true") return "";
  return node instanceof Text ? node.data : [...node.childNodes].map(heard).join(" ").replace(/\s+/g, " ");
}

/** Everything that is to be heard of a region, from now until `enough`. */
async function hears(region: Element, enough: () => boolean): Promise<string[]> {
  const all = [heard(region)];
  const watch = new MutationObserver(() => {
    const now = heard(region);
    if (now !== all.at(-1)) all.push(now);
  });
  watch.observe(region, { subtree: true, childList: true, characterData: true });
  await expect.poll(enough, PATIENCE).toBe(true);
  watch.disconnect();
  return all;
}

/** How often the words at a place have changed so far. */
function changes(of: () => string): () => number {
  const seen = new Set<string>();
  return () => seen.add(of()).size - 1;
}

/** Where a write is followed, and whether its dialog has been closed by then. */
const PLACES = [
  ["in its dialog", "dialog [role=status]:has([data-action])", false],
  ["below the page", "section[aria-live]", true],
] as const;

test.each(PLACES)("a countdown %s is seen every second, and heard once", async (_, where, closed) => {
  await sendMail();
  if (closed) await closeDialog();
  const region = element(where);
  const ticks = changes(() => /\d+ s/.exec(region.textContent)?.[0] ?? "");
  const said = await hears(region, () => ticks() >= 2);
  expect(said).toEqual([expect.stringMatching(/^ ?Goes out at \d\d:\d\d:\d\d /)]);
});

test.each(PLACES)("how much of a file is up, %s, is seen as it grows, and heard once", async (_, where, closed) => {
  const fake = await upload();
  const { id, outline } = fake.life.actions[0]!;
  fake.life.progress(id, 1000);
  if (closed) await closeDialog();
  const region = element(where);
  await expect.poll(() => region.textContent, PATIENCE).toContain("1 kB of");
  let done = 1000;
  const steps = changes(() => /\S+ \wB of/.exec(region.textContent)?.[0] ?? "");
  const said = await hears(region, () => {
    const enough = steps() >= 3;
    if (!enough) fake.life.progress(id, (done += outline.bytes / 10));
    return enough;
  });
  expect(said).toEqual([expect.stringContaining("Uploading…")]);
});

test.each(["Connections", "Agents", "All settings"])("while something is being sent, nothing on the page is left behind the bar by keys: %s", async (name) => {
  await sendMail();
  await closeDialog();
  if (name === "All settings") await choose("Settings", name);
  else await button(name).click();
  await page.viewport(640, 380);
  await settled();
  await userEvent.keyboard("{Shift}");
  expect(unseenFocus()).toEqual([]);
});

test("once nothing stays at the window's end, the page keeps no room for it", async () => {
  await sendMail();
  await closeDialog();
  const room = () => getComputedStyle(document.body).paddingBottom;
  const { height } = element("section[aria-live]").getBoundingClientRect();
  await expect.poll(() => parseFloat(room())).toBeGreaterThan(height);
  await page.getByRole("region", { name: "Being sent" }).getByRole("button", { name: "Undo" }).click();
  await button("Dismiss").click();
  await expect.poll(room).toBe("0px");
});

test("what can be taken back stands above what is being sent, and at the window's edge where that isn't shown", async () => {
  await sendMail();
  await closeDialog();
  await choose("More for Google Drive, anna@example.org", "Pause");
  await seen("Google Drive, anna@example.org is paused.");
  const end = () => page.getByRole("group", { name: "Google Drive, anna@example.org is paused." }).element().getBoundingClientRect().bottom;
  await expect.poll(end).toBeLessThan(element("section[aria-live]").getBoundingClientRect().top);
  await button("Activity").click();
  await expect.poll(() => innerHeight - end()).toBeLessThan(20);
});
