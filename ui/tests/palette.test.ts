/** The command palette and the keyboard: everything can be found by a few letters, reached by keys, and heard. */

import { afterEach, expect, test } from "vitest";
import { page, userEvent } from "vitest/browser";

import { failure } from "$lib/api/fake.ts";
import { find } from "$lib/fuzzy.ts";
import { EVERYWHERE } from "$lib/shortcuts.ts";
import { language } from "$lib/state/language.svelte.ts";

import { button, choose, dialog, element, gone, noDialog, openWindow, PATIENCE, seen } from "./window.ts";

const field = () => page.getByRole("combobox", { name: "Search pages, connections, actions" });
const options = () => [...document.querySelectorAll<HTMLElement>("[role=option]")];
/** What is read of each entry: its label alone. */
const labels = () => options().map((option) => option.querySelector(".label")?.textContent ?? "");
const current = () => document.querySelector("[role=option][aria-selected=true] .label")?.textContent ?? null;

async function open(scenario = "connected") {
  const fake = await openWindow(scenario);
  await expect.poll(() => document.querySelector("[data-integration]"), PATIENCE).not.toBeNull();
  await userEvent.keyboard("{Control>}k{/Control}");
  await expect.element(field(), PATIENCE).toHaveFocus();
  return fake;
}

afterEach(async () => {
  localStorage.clear();
  delete document.documentElement.dataset.theme;
  await language.choose("system");
});

test("a few letters are enough: where words begin, anywhere, in any order, without accents", () => {
  const found = (query: string, label: string, others = "") => find(query, label, others) !== null;
  expect(found("gmail test", "Test: Gmail, anna@example.org")).toBe(true);
  expect(found("cg", "Connect Gmail")).toBe(true);
  expect(found("conma", "Connect Gmail")).toBe(false);
  expect(found("aktivitat", "Aktivität")).toBe(true);
  expect(found("schliesen", "Schließen")).toBe(true);
  expect(found("keyring", "Keychain")).toBe(false);
  expect(found("appearance dark", "Dark", "Appearance")).toBe(true);
  expect([...find("gma", "Connect Gmail")!.at]).toEqual([8, 9, 10]);
  expect(find("act", "Activity")!.score).toBeGreaterThan(find("act", "Contact")!.score);
  expect(find("dark", "Dark")!.score).toBeGreaterThan(find("dark", "Light", "dark")!.score);
});

test("it opens by the keyboard with the field ready, lists by headings, and closes with Escape to where one was", async () => {
  await openWindow("connected");
  await seen("All 3 accounts are connected.");
  button("Agents").element().focus();
  await userEvent.keyboard("{Control>}k{/Control}");
  await expect.element(field(), PATIENCE).toHaveFocus();
  expect([...document.querySelectorAll("[role=listbox] [role=group]")].map((group) => element(`#${CSS.escape(group.getAttribute("aria-labelledby")!)}`).textContent)).toEqual([
    "Pages",
    "Connections",
    "Actions",
    "Settings",
  ]);
  expect(current()).toBe("Connections");
  await userEvent.keyboard("{Escape}");
  await noDialog();
  await expect.element(button("Agents")).toHaveFocus();
  await userEvent.keyboard("{Control>}k{/Control}");
  await expect.element(field(), PATIENCE).toHaveFocus();
  await userEvent.keyboard("{Control>}k{/Control}");
  await noDialog();
});

test("arrows move around both ends, the field names the entry it points at, and letters start anew", async () => {
  await open();
  const pointed = () => document.getElementById(field().element().getAttribute("aria-activedescendant") ?? "");
  await userEvent.keyboard("{ArrowUp}");
  await expect.poll(current).toBe(labels().at(-1));
  expect(pointed()?.getAttribute("aria-selected")).toBe("true");
  await userEvent.keyboard("{ArrowDown}{ArrowDown}");
  await expect.poll(current).toBe(labels()[1]);
  await userEvent.keyboard("{PageDown}");
  await expect.poll(current).toBe(labels()[9]);
  await userEvent.keyboard("gmail");
  await expect.poll(current).toBe(labels()[0]);
  expect(pointed()).toBe(options()[0]);
  expect(options()[0]?.querySelector("mark")?.textContent).toBe("Gmail");
  expect(document.querySelectorAll("[aria-selected=true]").length).toBe(1);
});

test("pages, connections, and what is done to one are a few keys away", async () => {
  const fake = await open();
  await userEvent.keyboard("agen");
  await expect.poll(current).toBe("Agents");
  await userEvent.keyboard("{Enter}");
  await expect.element(page.getByRole("heading", { level: 1, name: "Agents" }), PATIENCE).toBeInTheDocument();

  await userEvent.keyboard("{Control>}k{/Control}");
  await expect.element(field(), PATIENCE).toHaveFocus();
  await userEvent.keyboard("test gmail{Enter}");
  await seen("Everything works.");

  fake.failing.set("set_settings", failure("store_failed"));
  await userEvent.keyboard("{Control>}k{/Control}");
  await expect.element(field(), PATIENCE).toHaveFocus();
  await userEvent.keyboard("pause all agents{Enter}");
  await seen("Autopilot couldn't write its database.");
  fake.failing.delete("set_settings");
  await userEvent.keyboard("{Control>}k{/Control}");
  await expect.element(field(), PATIENCE).toHaveFocus();
  await userEvent.keyboard("pause all agents{Enter}");
  await expect.poll(() => fake.asked.some((one) => one.request === "set_settings" && one.settings.agents_paused), PATIENCE).toBe(true);

  await userEvent.keyboard("{Control>}k{/Control}");
  await expect.element(field(), PATIENCE).toHaveFocus();
  await userEvent.keyboard("disconnect drive{Enter}");
  await expect.element(page.getByRole("heading", { name: "Disconnect Google Drive?" }), PATIENCE).toBeInTheDocument();
});

test("a service is connected, theme and language are switched, and what is chosen says so", async () => {
  await open("first_run");
  await userEvent.keyboard("dark{Enter}");
  await expect.poll(() => document.documentElement.dataset.theme).toBe("dark");
  await userEvent.keyboard("{Control>}k{/Control}");
  await expect.element(field(), PATIENCE).toHaveFocus();
  await userEvent.keyboard("appearance");
  await expect.poll(() => options().filter((option) => /chosen/.test(option.textContent)).map((option) => option.querySelector(".label")?.textContent)).toEqual(["Appearance: Dark"]);
  await userEvent.clear(field());
  await userEvent.keyboard("deutsch{Enter}");
  await seen("Willkommen in der Sandbox");
  await userEvent.keyboard("{Control>}k{/Control}");
  await userEvent.keyboard("tele verb{Enter}");
  await expect.element(page.getByRole("dialog", { name: "Telegram verbinden" }), PATIENCE).toBeInTheDocument();
});

test("nothing found says so, to eyes and ears, and Enter does nothing", async () => {
  await open();
  await userEvent.keyboard("zzzz");
  await expect.poll(() => document.querySelector("dialog [role=status]")?.textContent).toBe("Nothing matches");
  expect(field().element().getAttribute("aria-expanded")).toBe("false");
  await userEvent.keyboard("{Enter}{ArrowDown}");
  expect(dialog().element()).toBeVisible();
  await userEvent.clear(field());
  await userEvent.keyboard("keychain");
  await expect.poll(() => document.querySelector("dialog [role=status]")?.textContent).toMatch(/^(One entry|\d+ entries)$/);
});

test("by mouse: the entry under the pointer is chosen, a click does it, a click beside closes", async () => {
  await open();
  await page.getByRole("option", { name: "Activity" }).click();
  await expect.element(page.getByRole("heading", { level: 1, name: "Activity" }), PATIENCE).toBeInTheDocument();
  await button("Search and commands").click();
  await expect.element(field(), PATIENCE).toHaveFocus();
  await page.getByRole("dialog").click({ position: { x: 2, y: 2 } });
  expect(dialog().element()).toBeVisible();
  element("dialog").dispatchEvent(new PointerEvent("pointerdown", { bubbles: true, clientX: 3, clientY: 3 }));
  await noDialog();
});

test("an open dialog comes first: neither the palette nor a shortcut goes on behind it", async () => {
  await openWindow("connected");
  await button("Settings of Gmail, anna@example.org").click();
  await expect.element(page.getByLabelText("Evidence"), PATIENCE).toBeVisible();
  await userEvent.keyboard("{Control>}k{/Control}{Control>}2{/Control}{Control>}/{/Control}");
  expect(document.querySelectorAll("dialog").length).toBe(1);
  await userEvent.keyboard("{Escape}");
  await noDialog();
  expect(document.querySelector("h1")?.textContent).toBe("Connections");
});

test("what waits for approval leads the list, and comes back when it was put off", async () => {
  await openWindow("approvals");
  await button("Decide later").click();
  await gone("Send this mail?");
  await userEvent.keyboard("{Control>}k{/Control}");
  await expect.element(field(), PATIENCE).toHaveFocus();
  expect(current()).toBe("Look at what waits for approval");
  await userEvent.keyboard("{Enter}");
  await seen("Send this mail?");
});

test("pages, settings and a check have keys of their own, and one more tells them all", async () => {
  const fake = await openWindow("connected");
  await seen("All 3 accounts are connected.");
  await userEvent.keyboard("{Control>}3{/Control}");
  await expect.element(page.getByRole("heading", { level: 1, name: "Activity" }), PATIENCE).toBeInTheDocument();
  await userEvent.keyboard("{Control>}1{/Control}");
  await seen("All 3 accounts are connected.");
  await userEvent.keyboard("{Control>}r{/Control}");
  await expect.poll(() => fake.asked.some(({ request }) => request === "refresh"), PATIENCE).toBe(true);
  await userEvent.keyboard("{Control>}/{/Control}");
  await seen("Keyboard shortcuts");
  for (const says of ["Check all connections now", "Search and commands", "All settings", "Undo", "Move from tab to tab", "Open a card's menu, as the menu key does"]) await seen(says);
  await userEvent.keyboard("{Escape}");
  await noDialog();
  await userEvent.keyboard("{Control>},{/Control}");
  await expect.element(page.getByRole("heading", { name: "Settings", level: 1 }), PATIENCE).toBeInTheDocument();
});

test("no key does anything by itself: who speaks to the computer, or brushes a key, sets off nothing", async () => {
  await openWindow("connected");
  await seen("All 3 accounts are connected.");
  for (const { keys } of EVERYWHERE) expect(keys[0]).toBe("mod");
  await userEvent.keyboard("?/kr,z123");
  await noDialog();
  expect(document.querySelector("h1")?.textContent).toBe("Connections");
});

test("the list of keys comes up also where the slash needs Shift", async () => {
  await openWindow("connected");
  await seen("All 3 accounts are connected.");
  window.dispatchEvent(new KeyboardEvent("keydown", { key: "/", ctrlKey: true, shiftKey: true, cancelable: true }));
  await seen("Keyboard shortcuts");
});

test("while something can be undone, the usual keys undo it; in a field they are the field's", async () => {
  const fake = await openWindow("connected");
  await seen("All 3 accounts are connected.");
  const paused = () => fake.asked.flatMap((one) => (one.request === "set_paused" ? [one.paused] : []));
  await userEvent.keyboard("{Control>}z{/Control}");
  await choose("More for Gmail, anna@example.org", "Pause");
  await seen("Gmail, anna@example.org is paused.");
  const field = document.body.appendChild(document.createElement("input"));
  field.focus();
  await userEvent.keyboard("{Control>}z{/Control}");
  field.remove();
  expect(paused()).toEqual([true]);
  await userEvent.keyboard("{Control>}z{/Control}");
  await expect.poll(paused, PATIENCE).toEqual([true, false]);
  await gone("Gmail, anna@example.org is paused.");
  await userEvent.keyboard("{Control>}z{/Control}");
  expect(paused()).toEqual([true, false]);
});
