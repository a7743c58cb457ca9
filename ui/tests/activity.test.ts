/** The activity: open writes first, ten thousand lines a page at a time, figures with a table beside every picture. */

import { afterEach, expect, test } from "vitest";
import { page } from "vitest/browser";

import { failure, type Fake } from "$lib/api/fake.ts";

import { button, dialog, element, noDialog, openWindow, PATIENCE, seen } from "./window.ts";

afterEach(() => page.viewport(1180, 760));

async function openActivity(before?: (fake: Fake) => void, scenario = "lively"): Promise<Fake> {
  const fake = await openWindow(scenario, {}, before);
  await button("Activity").click();
  return fake;
}

const asked = (fake: Fake) => fake.asked.findLast((request) => request.request === "list_ledger");
const rows = () => document.querySelectorAll("[data-line]");
const outbox = () => [...document.querySelectorAll<HTMLElement>("[data-row]")].map((row) => row.dataset.row);

test("what wants a decision stands first, then what is open, then the last that ended", async () => {
  await openActivity();
  await expect.poll(outbox, PATIENCE).toEqual(["past-unknown", "past-upload", "past-queued", "past-sent", "past-failed"]);
  await seen("One thing needs your decision.");
  await seen("morning-report (workflow)");
  await expect.element(page.getByRole("progressbar").first()).toHaveAttribute("aria-valuenow", "62");
});

test("an action moves live, and leaves the open ones when it ends", async () => {
  const fake = await openActivity();
  await expect.poll(outbox, PATIENCE).toContain("past-upload");
  fake.life.progress("past-upload", 200_000_000);
  await expect.poll(() => element("[role=progressbar]").getAttribute("aria-valuenow"), PATIENCE).toBe("93");
  fake.life.finish("past-upload");
  await expect.poll(() => outbox().indexOf("past-upload"), PATIENCE).toBeGreaterThan(1);
});

test("a notification leads to its action, and marks it", async () => {
  const fake = await openWindow("lively");
  await seen("All 3 accounts are connected.");
  await button("Settings of Gmail, anna@example.org").click();
  fake.emit({ event: "open", target: { place: "activity", action: "past-failed" } });
  await noDialog();
  await expect.poll(() => element("[data-row=past-failed]").classList.contains("marked"), PATIENCE).toBe(true);
  await button("Connections").click();
  await seen("All 3 accounts are connected.");
});

test("ten thousand lines are paged through, a hundred drawn at a time", async () => {
  const fake = await openActivity();
  await seen("Lines 10,000 to 9,901");
  await expect.poll(() => rows().length, PATIENCE).toBe(100);
  await button("Older").click();
  await seen("Lines 9,900 to 9,801");
  expect(asked(fake)).toMatchObject({ filter: { before: 9901, limit: 101 } });
  await expect.poll(() => rows().length, PATIENCE).toBe(100);
  await button("Newer").click();
  await seen("Lines 10,000 to 9,901");
  await expect.element(button("Newer")).toBeDisabled();
});

test("a page that is turned to is drawn in pieces like the first, so that no frame draws it whole", async () => {
  await openActivity();
  for (const [turn, lines] of [["Older", "Lines 9,900 to 9,801"], ["Newer", "Lines 10,000 to 9,901"]] as const) {
    await expect.poll(() => rows().length, PATIENCE).toBe(100);
    const drawn: number[] = [];
    const watching = new MutationObserver(() => drawn.push(rows().length));
    watching.observe(document.body, { childList: true, subtree: true });
    await button(turn).click();
    await seen(lines);
    await expect.poll(() => rows().length, PATIENCE).toBe(100);
    watching.disconnect();
    expect(Math.min(...drawn), turn).toBe(10);
    expect(Math.max(...drawn.slice(1).map((many, place) => many - (drawn[place] ?? 0))), turn).toBeLessThanOrEqual(10);
  }
});

test("a page that is turned to is read from its first line, though the button is below the last", async () => {
  await openActivity();
  for (const [turn, lines] of [["Older", "Lines 9,900"], ["Older", "Lines 9,800"], ["Newer", "Lines 9,900"]] as const) {
    await expect.poll(() => rows().length, PATIENCE).toBe(100);
    element("nav.pages").scrollIntoView();
    const head = () => element("thead").getBoundingClientRect();
    expect(head().bottom).toBeLessThan(0);
    await button(turn).click();
    await seen(lines);
    await expect.poll(() => rows().length, PATIENCE).toBe(100);
    expect(head().top, turn + lines).toBeGreaterThanOrEqual(0);
    expect(head().bottom).toBeLessThan(innerHeight / 2);
  }
});

test("each filter is asked of the hub and begins at the newest line", async () => {
  const fake = await openActivity();
  await seen("Lines 10,000");
  await button("Older").click();
  await seen("Lines 9,900");
  await page.getByLabelText("Connection", { exact: true }).selectOptions("Gmail, anna@example.org");
  await expect.poll(() => asked(fake), PATIENCE).toMatchObject({ filter: { connection: fake.world.connections[0]!.id, before: null } });
  await page.getByLabelText("Kind").selectOptions("Outcomes");
  await page.getByLabelText("What", { exact: true }).selectOptions("Send mail");
  await page.getByLabelText("Time range").selectOptions("Last 7 days");
  await button("Failures only").click();
  await expect.poll(() => asked(fake), PATIENCE).toMatchObject({
    filter: { kind: "outcome", capability: "mail.send", failures_only: true, until: null },
  });
  const { filter } = asked(fake) as Extract<ReturnType<typeof asked>, { request: "list_ledger" }>;
  const week = 7 * 86_400_000;
  expect(Math.abs(Date.now() - week - Date.parse(filter.since ?? ""))).toBeLessThan(60_000);
});

test("filters that match nothing say how to see more", async () => {
  await openActivity((fake) => void (fake.life.ledger = fake.life.ledger.filter(({ kind }) => kind !== "probes")));
  await seen("Lines ");
  await page.getByLabelText("Kind").selectOptions("Checks");
  await seen("Choose fewer filters or a longer time.");
});

test("a line opens to everything that is kept of it", async () => {
  const fake = await openActivity();
  await seen("Lines ");
  const failed = fake.life.ledger.find(({ result }) => result === "service_down")!;
  const line = () => document.querySelector<HTMLElement>(`[data-line="${failed.seq}"] button`);
  await expect.poll(line, PATIENCE).not.toBeNull();
  line()!.click();
  await seen("isn't answering properly right now.");
  await expect.poll(() => line()?.getAttribute("aria-expanded"), PATIENCE).toBe("true");
});

test.each([360, 420])("at %i pixels a line still says whose it is, under what it is about, and how it ended", async (width) => {
  const fake = await openActivity();
  await page.viewport(width, 760);
  await expect.poll(() => rows().length, PATIENCE).toBe(100);
  const { seq } = fake.life.ledger.find(({ account, capability }) => account === "anna@example.org" && capability === "mail.send")!;
  expect(element(`[data-line="${seq}"]`).innerText).toMatch(/Send mail[\s\S]*\n\s*Gmail\s*anna@example\.org/);
  const widest = Math.max(...[...rows()].map((row) => row.getBoundingClientRect().right));
  expect(widest).toBeLessThanOrEqual(element(".frame").getBoundingClientRect().right);
});

test.each([420, 760, 1180])("at %i pixels the times stand under their heading", async (width) => {
  await openActivity();
  await page.viewport(width, 760);
  await expect.poll(() => rows().length, PATIENCE).toBe(100);
  const beginning = (selector: string) => {
    const words = document.createRange();
    words.selectNodeContents(element(selector));
    return words.getBoundingClientRect().left;
  };
  expect(beginning("[data-line] .when .numerals")).toBeCloseTo(beginning("thead th"), 0);
});

test.each([360, 420])("at %i pixels what is above the history stands in two columns, with no row left open", async (width) => {
  await openActivity();
  await page.viewport(width, 760);
  await seen("Lines ");
  const boxes = [...element(".filters").children, ...element(".does").children].map((one) => one.getBoundingClientRect());
  expect(new Set(boxes.map(({ left }) => Math.round(left))).size).toBe(2);
  for (const { top } of boxes) {
    const end = Math.max(...boxes.filter((other) => other.top === top).map(({ right }) => right));
    expect(end).toBeCloseTo(element(".frame").getBoundingClientRect().right, 0);
  }
});

test("what ends while one looks comes in by itself", async () => {
  const fake = await openActivity();
  await seen("Lines 10,000");
  fake.life.ledger = [{ ...fake.life.ledger[0]!, seq: 10_001 }, ...fake.life.ledger];
  fake.life.finish("past-upload");
  await seen("Lines 10,001");
});

test("the export holds every line that matches, as a table other programs read", async () => {
  const fake = await openActivity((before) => void (before.life.ledger = before.life.ledger.slice(0, 2345)));
  await seen("Lines ");
  await button("Export CSV").click();
  await seen("2,345 lines were saved as /home/anna/Downloads/autopilot-");
  const lines = fake.saved[0]!.contents.split("\r\n");
  expect(lines[0]).toMatch(/^line,time,kind,caller/);
  expect(lines.length).toBe(2347);
});

test.each([
  [{ verdict: "whole" } as const, "The history is whole: 10,000 lines"],
  [{ verdict: "broken_at", seq: 412 } as const, "The history was changed at line 412."],
  [{ verdict: "cut_off", written: 10_400 } as const, "10,400 lines were written, 10,000 are there."],
  [{ verdict: "key_missing" } as const, "The key that signs the history"],
])("checking the history says what was found: $verdict", async (verdict, words) => {
  await openActivity((fake) => void (fake.life.check = { lines: 0, dropped_days: 0, verdict }));
  await seen("Lines ");
  await button("Check it").click();
  await seen(words);
});

test("a ledger that can't be read says so where it would be, and asks again", async () => {
  const fake = await openActivity((before) => void before.failing.set("list_ledger", failure("store_failed")));
  await seen("Autopilot couldn't write its database.");
  fake.failing.delete("list_ledger");
  await button("Try again").click();
  await seen("Lines ");
});

test("an empty activity says what will be there", async () => {
  await openActivity(undefined, "connected");
  await seen("Nothing has been sent yet");
  await seen("Nothing has happened yet");
});

test("every chart can be read as a table", async () => {
  await openActivity();
  await page.getByRole("tab", { name: "Usage" }).click();
  await expect.element(page.getByRole("img", { name: "Calls and errors a day, last 30 days" }), PATIENCE).toBeVisible();
  expect(document.querySelector("canvas")).not.toBeNull();
  await button("Show as table").click();
  await expect.poll(() => document.querySelectorAll("tbody tr").length, PATIENCE).toBe(30);
  await expect.element(page.getByRole("columnheader", { name: "Errors" })).toBeVisible();
  await page.getByText("Latency", { exact: true }).last().click();
  await expect.poll(() => page.getByRole("columnheader", { name: "Errors" }).query(), PATIENCE).toBeNull();
  await page.getByLabelText("Grouped").selectOptions("By who asked");
  await expect.element(page.getByRole("columnheader", { name: "You, in this window" }), PATIENCE).toBeInTheDocument();
  await page.getByLabelText("Time range").selectOptions("Last 7 days");
  await expect.poll(() => document.querySelectorAll("tbody tr").length, PATIENCE).toBe(7);
});

test("days before anybody watched don't count as days without trouble", async () => {
  await openWindow("lively");
  await button("Settings of Gmail, anna@example.org").click();
  // Sixty days ago, and every day since.
  await seen(/ of 61 watched\.$/);
});

test("a connection shows its figures and ninety days of health, in words too", async () => {
  const fake = await openWindow("lively");
  await button("Settings of Gmail, anna@example.org").click();
  await expect.poll(() => document.querySelectorAll("[data-day]").length, PATIENCE).toBe(90);
  await expect.element(page.getByRole("img", { name: /% up\. Days with trouble: \d+ of \d+ watched\./ })).toBeVisible();
  await page.getByText(/^\S+ % up\. Days with trouble: \d+ of \d+ watched\.$/).click();
  await seen(/needed you for 8 h 20 min/);
  await page.getByRole("tab", { name: "Activity" }).click();
  await expect.element(dialog(), PATIENCE).toHaveTextContent("Calls this month");
  expect(fake.asked.find(({ request }) => request === "health")).toMatchObject({ days: 90 });
  expect(fake.asked.find(({ request }) => request === "usage")).toMatchObject({ query: { connection: fake.world.connections[0]!.id } });
});

