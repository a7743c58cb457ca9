/** Moving house: what leaves, what would arrive, and that nothing happens before it was looked at. */

import { expect, test } from "vitest";
import { page } from "vitest/browser";

import type { Request } from "$lib/api/bindings.ts";
import type { Fake } from "$lib/api/fake.ts";

import { button, choose, dialog, gone, noDialog, openWindow, PATIENCE, seen, text } from "./window.ts";

const GOOD = "four words nobody guesses";
const asked = <K extends Request["request"]>(fake: Fake, request: K) =>
  fake.asked.filter((one): one is Extract<Request, { request: K }> => one.request === request);

async function openMoving(): Promise<Fake> {
  const fake = await openWindow("connected");
  await choose("Settings", "Moving house");
  return fake;
}

const exporting = () => dialog().getByRole("button", { name: "Export", exact: true });

async function look(fake: Fake, path: string): Promise<void> {
  fake.picks.files = [path];
  await page.getByRole("tab", { name: "Import" }).click();
  await button("Choose file…").click();
  if (path.endsWith(".age")) await page.getByLabelText("The passphrase it was exported with", { exact: true }).fill(fake.moving.passphrase);
  await button("Look at it").click();
  await seen("Nothing has changed yet.");
}

test("an export without sign-ins asks for no passphrase and is written where it was wanted", async () => {
  const fake = await openMoving();
  await expect.element(exporting()).toBeDisabled();
  await page.getByLabelText("Folder").fill("/home/anna");
  await page.getByLabelText("Name of the file").fill("mine");
  await exporting().click();
  await seen("The export is written.");
  expect(asked(fake, "export_to")).toEqual([
    { request: "export_to", path: "/home/anna/mine.json", passphrase: null, replace: false },
  ]);
});

test("sign-ins leave only under a passphrase that was typed twice and is no short one", async () => {
  const fake = await openMoving();
  await page.getByText("With sign-ins, encrypted").click();
  await page.getByLabelText("Folder").fill("/home/anna");
  const first = page.getByLabelText("Passphrase", { exact: true });
  const second = page.getByLabelText("Passphrase again", { exact: true });
  await first.fill("short");
  await second.fill("short");
  await seen("Too short or too plain");
  await expect.element(exporting()).toBeDisabled();
  await first.fill(GOOD);
  await expect.element(exporting()).toBeDisabled();
  await second.fill(GOOD);
  await exporting().click();
  await seen("Use one of both.");
  const [request] = asked(fake, "export_to");
  expect(request?.passphrase).toBe(GOOD);
  expect(request?.path).toMatch(/^\/home\/anna\/autopilot-[\d-]+\.age$/);
});

test("a file that is there is replaced only once the person agrees", async () => {
  const fake = await openMoving();
  fake.moving.files.add("/home/anna/mine.json");
  await page.getByLabelText("Folder").fill("/home/anna");
  await page.getByLabelText("Name of the file").fill("mine");
  await exporting().click();
  await seen("There is a file at /home/anna/mine.json already.");
  await button("Replace it").click();
  await seen("The export is written.");
  expect(asked(fake, "export_to").map(({ replace }) => replace)).toEqual([false, true]);
});

test("the offer to replace a file holds for that file alone", async () => {
  const fake = await openMoving();
  fake.moving.files.add("/home/anna/mine.json");
  const folder = page.getByLabelText("Folder");
  await folder.fill("/home/anna");
  await page.getByLabelText("Name of the file").fill("mine");
  await exporting().click();
  await seen("There is a file at /home/anna/mine.json already.");
  await folder.fill("/home/ben");
  await gone("There is a file at");
  expect(button("Replace it").query()).toBeNull();
  await folder.fill("/home/anna/");
  await expect.element(button("Replace it")).toBeVisible();
  await page.getByText("With sign-ins, encrypted").click();
  await gone("There is a file at");
  expect(button("Replace it").query()).toBeNull();
  expect(asked(fake, "export_to")).toHaveLength(1);
});

test("an import shows what would change, and then what is left to do", async () => {
  const fake = await openMoving();
  await look(fake, "/home/anna/moving.json");
  expect(asked(fake, "import")).toEqual([]);
  await seen("Is here already and stays as it is.");
  await seen("/opt/claude/claude");
  await seen("Will be kept out.");
  await seen("10 seconds becomes 30 seconds");
  await button("Import this").click();
  await seen("Reconnect these 3");
  expect(asked(fake, "import")).toHaveLength(1);
  await button("Sign in to Telegram as @anna_news_bot").click();
  await expect.element(dialog().getByRole("heading", { name: /Telegram/ }), PATIENCE).toBeInTheDocument();
});

test("settings are said as their pages say them, each by itself", async () => {
  const fake = await openMoving();
  await look(fake, "/home/anna/moving.json");
  const changes = dialog().getByRole("list").filter({ hasText: "Quiet hours" }).getByRole("listitem");
  const said = () => changes.elements().map(({ textContent }) => textContent?.trim().replace(/\s+/g, " "));
  await expect.poll(said, PATIENCE).toEqual([
    "Time to take something back 10 seconds becomes 30 seconds",
    "Back again on becomes off",
    "Quiet hours off becomes 22:00\u201307:00",
    "Quota units a minute: Gmail the usual becomes 6,000",
    "Keep the history for 400 days becomes 800 days",
  ]);
});

test("an encrypted file asks for its passphrase, and brings its sign-ins", async () => {
  const fake = await openMoving();
  fake.picks.files = ["/home/anna/moving.age"];
  await page.getByRole("tab", { name: "Import" }).click();
  await button("Choose file…").click();
  const typed = page.getByLabelText("The passphrase it was exported with", { exact: true });
  await typed.fill("wrong");
  await button("Look at it").click();
  await seen("That passphrase doesn't open the file.");
  await typed.fill(fake.moving.passphrase);
  await button("Look at it").click();
  await seen("Works at once.");
  await seen("Use one of both.");
  await button("Import this").click();
  await seen("3 connections arrived.");
});

test("a file that is refused says why", async () => {
  const fake = await openMoving();
  fake.moving.refuses = "It was written by a newer version of Autopilot. Update this one first.";
  fake.picks.files = ["/home/anna/moving.json"];
  await page.getByRole("tab", { name: "Import" }).click();
  await button("Choose file…").click();
  await button("Look at it").click();
  await seen("It was written by a newer version");
  await seen("Nothing was changed.");
});

test("what was typed for one page and looked at on the other is there on the way back", async () => {
  const fake = await openMoving();
  await page.getByLabelText("Folder").fill("/home/anna");
  await look(fake, "/home/anna/moving.json");
  await page.getByRole("tab", { name: "Export" }).click();
  await expect.element(page.getByLabelText("Folder")).toBeVisible();
  await expect.element(page.getByLabelText("Folder")).toHaveValue("/home/anna");
  await page.getByRole("tab", { name: "Import" }).click();
  await expect.element(text("Nothing has changed yet.")).toBeVisible();
  expect(asked(fake, "cancel_import")).toEqual([]);
  await button("Import this").click();
  await seen("3 connections arrived.");
  await button("Done").click();
  await noDialog();
  expect(asked(fake, "cancel_import")).toEqual([]);
});

test("after each sign-in the list comes back without those that work again", async () => {
  const fake = await openMoving();
  await look(fake, "/home/anna/moving.json");
  await button("Import this").click();
  await seen("Reconnect these 3");
  await button("Sign in to Gmail as anna.berg@example.com").click();
  await button("Continue in browser").click();
  await seen("Finish in your browser");
  fake.comeBack(fake.signIns.at(-1)!.id);
  await seen("Connected as anna.berg@example.com");
  await button("Done").click();
  await expect.element(text("Reconnect these 2"), PATIENCE).toBeVisible();
  expect(button("Sign in to Gmail as anna.berg@example.com").query()).toBeNull();
  await button("Sign in to Telegram as @anna_news_bot").click();
  await button("Cancel").click();
  await expect.element(text("Reconnect these 2"), PATIENCE).toBeVisible();
  await button("Done").click();
  await noDialog();
  await choose("Settings", "Moving house");
  await expect.element(page.getByLabelText("Folder")).toBeVisible();
});

test("closing the window on a preview forgets it", async () => {
  const fake = await openMoving();
  await look(fake, "/home/anna/moving.json");
  await button("Close").click();
  await noDialog();
  await expect.poll(() => asked(fake, "cancel_import").length, PATIENCE).toBe(1);
});
