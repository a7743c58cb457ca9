/** Settings: they hold as soon as they are chosen, say at their own place why not, and lead nowhere one can't come back from. */

import { expect, test } from "vitest";
import { page, userEvent } from "vitest/browser";

import { failure, type Fake } from "$lib/api/fake.ts";

import { ownRegistration } from "./scenes.ts";
import { button, gone, noDialog, openWindow, PATIENCE, seen } from "./window.ts";

async function open(part: string, scenario = "connected", before: (fake: Fake) => void = () => undefined): Promise<Fake> {
  const fake = await openWindow(scenario, {}, before);
  await button("Settings").click();
  await page.getByRole("menuitem", { name: "All settings" }).click();
  await page.getByRole("navigation", { name: "Parts of the settings" }).getByRole("button", { name: part }).click();
  return fake;
}

const turn = (name: string) => page.getByRole("switch", { name });

test("a choice holds at once, and sets nothing else back", async () => {
  const fake = await open("Sending");
  fake.life.settings.agents_paused = true; // By somebody else, a moment ago.
  await page.getByLabelText("Time to take something back").selectOptions("30 seconds");
  await expect.poll(() => fake.life.settings.undo_window_s, PATIENCE).toBe(30);
  await page.getByLabelText("Wait for your approval").selectOptions("4 hours");
  await expect.poll(() => fake.life.settings.approval_expiry_min, PATIENCE).toBe(240);
  expect(fake.life.settings.agents_paused).toBe(true);
});

test("what can't be saved goes back to what it was, and says why beside itself", async () => {
  const fake = await open("Notifications", "connected", (fake) => void fake.failing.set("set_settings", failure("store_failed")));
  await turn("Back again").click();
  await seen("couldn't write its database");
  await expect.element(turn("Back again")).toBeChecked();
  fake.failing.delete("set_settings");
  await turn("Back again").click();
  await expect.poll(() => fake.life.settings.notify.back, PATIENCE).toBe(false);
  await gone("couldn't write its database");
});

test("the words of a switch turn it as well, and it is large enough to be hit", async () => {
  const fake = await open("Notifications");
  expect(turn("Back again").element().getBoundingClientRect().height).toBeGreaterThanOrEqual(24);
  await page.getByText("Back again", { exact: true }).click();
  await expect.poll(() => fake.life.settings.notify.back, PATIENCE).toBe(false);
  await expect.element(turn("Back again")).not.toBeChecked();
});

test("quiet hours are two times of a day", async () => {
  const fake = await open("Notifications");
  await turn("Keep quiet at certain hours").click();
  const until = page.getByRole("textbox", { name: "Until" });
  await until.fill("24:10");
  await userEvent.keyboard("{Enter}");
  await seen("A time of day, such as 22:00.");
  expect(fake.life.settings.quiet.to_min).toBe(420);
  await until.fill("22:00");
  await userEvent.keyboard("{Enter}");
  await seen("Quiet hours begin and end at different times.");
  await until.fill("6:30");
  await userEvent.keyboard("{Enter}");
  await turn("Let approvals through").click();
  await expect.poll(() => fake.life.settings.quiet, PATIENCE).toEqual({ on: true, from_min: 1320, to_min: 390, approvals_pass: true });
});

test("a proxy with a password is refused, and one without is kept", async () => {
  const fake = await open("Network");
  await page.getByLabelText("Reach services through").selectOptions("Another proxy");
  const address = page.getByRole("textbox", { name: "Address of the proxy" });
  await address.fill("http://anna:secret@proxy.example:3128");
  await userEvent.keyboard("{Enter}");
  await seen("Leave out the user name");
  expect(fake.life.settings.network.proxy).toEqual({ kind: "system" });
  await address.fill("http://proxy.example:3128");
  await userEvent.keyboard("{Enter}");
  await expect.poll(() => fake.life.settings.network.proxy, PATIENCE).toEqual({ kind: "own", url: "http://proxy.example:3128" });
  await page.getByLabelText("Reach services through").selectOptions("No proxy");
  await expect.poll(() => fake.life.settings.network.proxy, PATIENCE).toEqual({ kind: "none" });
});

test("a certificate file is read when it is chosen, and can be given up again", async () => {
  const fake = await open("Network");
  fake.picks.files = ["/home/anna/letter.txt"];
  await button("Choose file…").click();
  await seen("holds no certificate in PEM form");
  fake.picks.files = ["/home/anna/office.pem"];
  await button("Choose file…").click();
  await seen("office.pem");
  expect(fake.life.settings.network.authority).toBe("/home/anna/office.pem");
  await button("Remove").click();
  await seen("The system's authorities only");
});

test("a quota is offered where the person brought a registration, and is one's own or the usual", async () => {
  const fake = await open("Checking", "connected", ownRegistration);
  await page.getByRole("textbox", { name: "Gmail" }).fill("0");
  await seen("A whole number from 1 to 100,000,000.");
  await page.getByRole("textbox", { name: "Gmail" }).fill("15000");
  await userEvent.keyboard("{Enter}");
  await expect.poll(() => fake.life.settings.quotas, PATIENCE).toEqual({ gmail: 15000 });
  await page.getByRole("textbox", { name: "Gmail" }).fill("");
  await userEvent.keyboard("{Enter}");
  await expect.poll(() => fake.life.settings.quotas, PATIENCE).toEqual({});
});

test("no quota is offered where the registration is ours", async () => {
  await open("Checking", "connected", (fake) => {
    for (const { auth } of fake.world.integrations) {
      if (auth.kind === "oauth") auth.clients.forEach(({ registered }) => registered && (registered.own = false));
    }
  });
  await seen("Check everything every");
  await gone("Quota units a minute");
});

test("sign-ins move back to the keychain only after the person said so", async () => {
  const fake = await open("Secrets", "connected", (fake) => void (fake.world.vault = { kind: "unlocked", place: "file" }));
  await button("Move…").click();
  await seen("Everything is copied to the keychain");
  expect(fake.asked.some(({ request }) => request === "use_keychain")).toBe(false);
  fake.failing.set("use_keychain", failure("no_keychain"));
  await button("Move now").click();
  await expect.element(page.getByRole("alert"), PATIENCE).toBeInTheDocument();
  fake.failing.delete("use_keychain");
  await button("Move now").click();
  await seen("Your keychain is open and works.");
});

test("from the keychain the passphrase file is one dialog away", async () => {
  await open("Secrets");
  await button("Move…").click();
  await seen("Nobody can recover a lost passphrase.");
  await button("Back").click();
  await noDialog();
});

test("the start at login is the system's word, not ours", async () => {
  const fake = await open("General");
  fake.shellTrouble = failure("desktop_refused", { reason: "Starting at login couldn't be changed." });
  await turn("Start when I log in").click();
  await seen("Starting at login couldn't be changed.");
  await expect.element(turn("Start when I log in")).not.toBeChecked();
  fake.shellTrouble = null;
  await turn("Start when I log in").click();
  await expect.element(turn("Start when I log in")).toBeChecked();
  await turn("Keep running when the window is closed").click();
  await expect.poll(() => fake.life.settings.close_to_tray, PATIENCE).toBe(false);
});

test("without a tray, closing is quitting, and the switch says so", async () => {
  await open("General", "connected", (fake) => void (fake.shell.tray = false));
  await seen("This desktop shows no tray");
  await expect.element(turn("Keep running when the window is closed")).toBeDisabled();
});

test("folders are opened by the system, by name and never by path", async () => {
  const fake = await open("Diagnostics");
  await button("Open logs").click();
  await button("Open folder").click();
  expect(fake.places).toEqual(["logs", "data"]);
});

test.each(["Check-up", "Moving house"])("the diagnostics lead to: %s", async (title) => {
  await open("Diagnostics");
  await button(`Open: ${title}`).click();
  await expect.element(page.getByRole("dialog", { name: title }), PATIENCE).toBeVisible();
});

test("what the system shows speaks the language of the window", async () => {
  const fake = await open("General");
  await page.getByLabelText("Language", { exact: true }).selectOptions("Deutsch");
  await expect.poll(() => fake.life.settings.language, PATIENCE).toBe("de");
  await page.getByLabelText("Sprache", { exact: true }).selectOptions("English");
  await expect.poll(() => fake.life.settings.language, PATIENCE).toBe("en");
});
