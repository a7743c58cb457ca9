/** The window in every state worth looking at: for the tests of what everyone can use, in every theme and language. */

import { expect } from "vitest";
import { page, userEvent } from "vitest/browser";

import { failure, type Fake } from "$lib/api/fake.ts";

import { button, choose, dialog, drop, element, PATIENCE, seen } from "./window.ts";

export interface Scene {
  name: string;
  scenario: string;
  before?: (fake: Fake) => void;
  go?: (fake: Fake) => Promise<void>;
}

const settings = async (item: string) => {
  await button("Settings").click();
  await page.getByRole("menuitem", { name: item }).click();
};

/** A part of the settings. */
const part = async (name: string) => {
  await settings("All settings");
  await page.getByRole("navigation", { name: "Parts of the settings" }).getByRole("button", { name }).click();
};

/** The person brought a registration of their own. */
export const ownRegistration = (fake: Fake): void => {
  for (const { auth } of fake.world.integrations) {
    if (auth.kind === "oauth") auth.clients.forEach((client) => (client.registered = { client_id: "own.apps.googleusercontent.com", own: true }));
  }
};

const tab = async (of: string, name: string) => {
  await button(`Settings of ${of}`).click();
  await page.getByRole("tab", { name }).click();
};
const GMAIL = "Gmail, anna@example.org";
const DRIVE = "Google Drive, anna@example.org";
const TELEGRAM = "Telegram, @sandbox_helper_bot";

export const SCENES: Scene[] = [
  { name: "first run", scenario: "first_run", go: () => seen("Welcome to the sandbox") },
  { name: "first run of one's own", scenario: "first_run_real", go: () => button("Try the sandbox").click() },
  {
    name: "first run without a keychain",
    scenario: "first_run_no_keychain",
    go: async () => {
      await seen("This computer has no keychain");
      await button("Connect Gmail").click();
    },
  },
  { name: "loading", scenario: "connected", before: (fake) => void fake.hold("list_connections") },
  {
    name: "unreachable",
    scenario: "connected",
    before: (fake) => void fake.failing.set("hub", failure("hub_unreachable")),
    go: () => seen("Autopilot can't be reached"),
  },
  { name: "every status", scenario: "every_status", go: () => seen("2 of 12 accounts connected, and 5 need you.") },
  { name: "card menu", scenario: "connected", go: () => button("More for Gmail, anna@example.org").click() },
  { name: "settings menu", scenario: "connected", go: () => button("Settings").click() },
  {
    name: "test result",
    scenario: "connected",
    go: async () => {
      await button("Test").first().click();
      await seen("Everything works.");
    },
  },
  {
    name: "failed test",
    scenario: "mixed",
    go: async () => {
      await button("Try now").click();
      await seen("Try again in a little while.");
    },
  },
  { name: "connect", scenario: "first_run", go: () => button("Connect Gmail").click() },
  {
    name: "waiting, pasting",
    scenario: "first_run",
    go: async () => {
      await button("Connect Gmail").click();
      await button("Continue in browser").click();
      await button("Paste address").click();
    },
  },
  {
    name: "connected, something missing",
    scenario: "first_run",
    go: async (fake) => {
      await button("Connect Gmail").click();
      await button("Continue in browser").click();
      await seen("Finish in your browser");
      fake.comeBack(fake.signIns[0]!.id, ["Read your mail"]);
      await seen("Connected as");
    },
  },
  {
    name: "sign-in failed",
    scenario: "first_run",
    go: async (fake) => {
      await button("Connect Gmail").click();
      await button("Continue in browser").click();
      await seen("Finish in your browser");
      fake.end(fake.signIns[0]!.id, { kind: "failed", error: failure("sign_in_denied", {}, "access_denied") });
      await seen("declined");
    },
  },
  {
    name: "sign-in cancelled",
    scenario: "first_run",
    go: async () => {
      await button("Connect Gmail").click();
      await button("Continue in browser").click();
      await button("Cancel sign-in").click();
      await seen("was cancelled");
    },
  },
  {
    name: "refused link",
    scenario: "connected",
    go: async (fake) => {
      await seen("All 3 accounts are connected.");
      fake.emit({ event: "open", target: { place: "link_refused", error: failure("sign_in_unknown") } });
      await seen("This link wasn't used");
    },
  },
  { name: "registration", scenario: "unregistered", go: () => button("Connect Gmail").click() },
  {
    name: "registration, not published",
    scenario: "unregistered",
    go: async () => {
      await button("Connect Gmail").click();
      for (let step = 0; step < 3; step += 1) await button("Done, next step").click();
      await dialog().getByText("Testing", { exact: true }).click();
      await seen("While it is in testing");
    },
  },
  {
    name: "registration, typed",
    scenario: "unregistered",
    go: async () => {
      await button("Connect Gmail").click();
      await button(/^Create the client/).click();
      await button("Type it instead").click();
    },
  },
  {
    name: "a step that was left out",
    scenario: "first_run",
    go: async (fake) => {
      await button("Connect Gmail").click();
      await button("Continue in browser").click();
      await seen("Finish in your browser");
      fake.end(fake.signIns[0]!.id, { kind: "failed", error: failure("api_disabled", { service: "Gmail" }) });
      await seen("Switch on the Gmail API");
    },
  },
  {
    name: "form with an error",
    scenario: "first_run",
    go: async () => {
      await button("Connect Telegram").click();
      await page.getByLabelText("Bot key", { exact: true }).fill("half");
      await dialog().getByRole("button", { name: "Connect", exact: true }).click();
      await seen("The part before the colon");
    },
  },
  {
    name: "disconnect",
    scenario: "connected",
    go: async () => {
      await choose("More for Gmail, anna@example.org", "Disconnect…");
      await seen("Disconnecting takes this along:");
    },
  },
  { name: "settings", scenario: "connected", go: () => button("Settings of Gmail, anna@example.org").click() },
  {
    name: "mail to send",
    scenario: "lively",
    go: async () => {
      await tab(GMAIL, "Try it");
      await button("Add Cc and Bcc").click();
      await button("Choose files…").click();
    },
  },
  {
    name: "undo",
    scenario: "lively",
    go: async () => {
      await tab(GMAIL, "Try it");
      await button("Send yourself a test mail").click();
      await seen("Goes out in");
    },
  },
  {
    name: "being sent, with the way back below the page",
    scenario: "lively",
    go: async () => {
      await tab(GMAIL, "Try it");
      await button("Send yourself a test mail").click();
      await seen("Goes out in");
      await userEvent.keyboard("{Escape}");
      await expect.element(page.getByRole("region", { name: "Being sent" }), PATIENCE).toBeVisible();
    },
  },
  {
    name: "a command that failed, on another page",
    scenario: "connected",
    before: (fake) => void fake.failing.set("refresh", failure("store_failed", {}, "disk I/O error")),
    go: async () => {
      await part("Sending");
      await button("Check all connections now").click();
      await seen("Autopilot couldn't write its database.");
    },
  },
  {
    name: "unclear outcome and its risk",
    scenario: "lively",
    go: async (fake) => {
      await tab(GMAIL, "Try it");
      await button("Send yourself a test mail").click();
      await seen("Goes out in");
      const { id } = fake.life.actions[0]!;
      const error = failure("outcome_unknown");
      fake.life.move(id, { state: "outcome_unknown", at: new Date().toISOString(), asking: false, error });
      await dialog().getByRole("button", { name: "Send again" }).click();
      await seen("it will be there twice");
    },
  },
  {
    name: "mail list",
    scenario: "lively",
    go: async () => {
      await tab(GMAIL, "Try it");
      await page.getByText("Look at mail").click();
      await seen("Notes from Tuesday");
    },
  },
  {
    name: "mail with an attachment",
    scenario: "lively",
    go: async () => {
      await tab(GMAIL, "Try it");
      await page.getByText("Look at mail").click();
      await page.getByText("Your receipt for November").click();
      await seen("receipt-2026-11.pdf");
    },
  },
  {
    name: "files and an upload",
    scenario: "lively",
    go: async () => {
      await tab(DRIVE, "Try it");
      await seen("Workshop plan.pdf");
      await button("Choose files…").click();
      await button("Upload").click();
      await seen("Uploading…");
    },
  },
  {
    name: "message",
    scenario: "lively",
    go: async () => {
      await tab(TELEGRAM, "Try it");
      await button("Choose file…").click();
      await seen("Show as a picture");
    },
  },
  {
    name: "claim a chat",
    scenario: "lively",
    go: async () => {
      await tab(TELEGRAM, "Try it");
      await button("Another chat…").click();
      await seen("Waiting for somebody to open it");
    },
  },
  {
    name: "usage and last activity",
    scenario: "lively",
    go: async () => {
      await tab(GMAIL, "Activity");
      await seen("Calls this month");
    },
  },
  {
    name: "a connection with accounts beside it",
    scenario: "mixed",
    go: async () => {
      await button(`Settings of ${GMAIL}`).click();
      await seen("Disconnecting takes this along:");
    },
  },
  {
    name: "a connection that needs its person, tested",
    scenario: "mixed",
    go: async () => {
      await button("Settings of Gmail, anna.lindgren@longer-company-name.example").click();
      await dialog().getByRole("button", { name: "Test", exact: true }).click();
      await expect.poll(() => document.querySelector("dialog [data-state=failed]"), PATIENCE).not.toBeNull();
    },
  },
  {
    name: "a name that is refused",
    scenario: "connected",
    before: (fake) => void fake.failing.set("rename_connection", failure("invalid_input", { field: "name", reason: "Another connection is called that already." })),
    go: async () => {
      await choose(`More for ${GMAIL}`, "Rename…");
      await page.getByLabelText("Name", { exact: true }).fill("Helper");
      await button("Save").click();
      await seen("Another connection is called that already.");
    },
  },
  {
    name: "permissions, one given up",
    scenario: "connected",
    go: async () => {
      await tab(GMAIL, "Permissions");
      await dialog().getByRole("checkbox", { name: "Read your mail" }).click();
      await seen("Gives up: Read your mail.");
    },
  },
  { name: "permissions of a key", scenario: "connected", go: () => tab(TELEGRAM, "Permissions") },
  {
    name: "who may use a connection",
    scenario: "agents",
    go: async () => {
      await tab(GMAIL, "Who may use it");
      await seen("calls in 30 days");
    },
  },
  { name: "nobody may use a connection yet", scenario: "connected", go: () => tab(GMAIL, "Who may use it") },
  {
    name: "something to undo, and a name of one's own",
    scenario: "connected",
    before: (fake) => void (fake.world.connections[1]!.name = "Drive of the office, for everybody"),
    go: async () => {
      await choose(`More for ${GMAIL}`, "Pause");
      await seen("Gmail, anna@example.org is paused.");
    },
  },
  {
    name: "a menu where one points",
    scenario: "connected",
    go: async () => {
      await button(`Settings of ${GMAIL}`).click({ button: "right" });
      await expect.element(page.getByRole("menuitem", { name: "Rename…" }), PATIENCE).toBeVisible();
    },
  },
  {
    name: "files over a card",
    scenario: "lively",
    go: async (fake) => {
      await seen("All 3 accounts are connected.");
      const { left, top } = element('[data-integration="google_drive"]').getBoundingClientRect();
      fake.drop({ kind: "over", x: left + 20, y: top + 20 });
      await seen("Drop to upload to Google Drive");
    },
  },
  { name: "menu of all connections", scenario: "connected", go: () => button("More for all connections").click() },
  {
    name: "all being paused, one under way",
    scenario: "every_status",
    go: async (fake) => {
      await seen("5 need you");
      fake.hold("set_paused");
      await choose("More for all connections", "Pause all");
      await seen("0 of 11 done");
    },
  },
  {
    name: "all tested, some failed",
    scenario: "every_status",
    go: async () => {
      await seen("5 need you");
      await choose("More for all connections", "Test all");
      await seen(/of 11 failed/);
    },
  },
  { name: "all to be disconnected", scenario: "connected", go: () => choose("More for all connections", "Disconnect all…") },
  { name: "nothing to resume", scenario: "connected", go: () => choose("More for all connections", "Resume all") },
  {
    name: "activity",
    scenario: "lively",
    // A dozen lines are looked at as well as a hundred, and in a tenth of the time.
    before: (fake) => void (fake.life.ledger = fake.life.ledger.slice(0, 12)),
    go: async () => {
      await button("Activity").click();
      await expect.poll(() => document.querySelectorAll("[data-line]").length, PATIENCE).toBe(12);
      document.querySelector<HTMLElement>("[data-line] button")?.click();
      await button("Check it").click();
      await seen("The history is whole");
    },
  },
  {
    name: "activity, nothing yet",
    scenario: "connected",
    go: async () => {
      await button("Activity").click();
      await seen("Nothing has happened yet");
    },
  },
  {
    name: "usage as a table",
    scenario: "lively",
    go: async () => {
      await button("Activity").click();
      await page.getByRole("tab", { name: "Usage" }).click();
      await button("Show as table").click();
    },
  },
  { name: "general settings", scenario: "connected", go: () => part("General") },
  { name: "sending settings", scenario: "connected", go: () => part("Sending") },
  {
    name: "notification settings",
    scenario: "connected",
    go: async () => {
      await part("Notifications");
      await page.getByRole("switch", { name: "Keep quiet at certain hours" }).click();
      await page.getByRole("textbox", { name: "Until" }).fill("25:00");
      await seen("A time of day, such as 22:00.");
    },
  },
  { name: "checking settings", scenario: "connected", before: ownRegistration, go: () => part("Checking") },
  {
    name: "network settings, refused",
    scenario: "connected",
    go: async () => {
      await part("Network");
      await page.getByLabelText("Reach services through").selectOptions("own");
      const address = page.getByRole("textbox", { name: "Address of the proxy" });
      await address.fill("http://anna:secret@proxy.example:3128");
      await userEvent.keyboard("{Enter}");
      await seen("Leave out the user name");
      await button("Choose file…").click();
      await seen("notes.pdf");
    },
  },
  { name: "privacy settings", scenario: "connected", go: () => part("Privacy and history") },
  {
    name: "secrets, moving back",
    scenario: "connected",
    before: (fake) => void (fake.world.vault = { kind: "unlocked", place: "file" }),
    go: async () => {
      await part("Secrets");
      await button("Move…").click();
      await seen("Everything is copied");
    },
  },
  { name: "registration settings", scenario: "connected", go: () => part("Client registrations") },
  { name: "diagnostics", scenario: "connected", go: () => part("Diagnostics") },
  {
    name: "agents",
    scenario: "agents",
    go: async () => {
      await button("Agents").click();
      await seen("Any other client");
      await button("I've looked at it").click();
      await button("Let in: nightly-backup").click();
    },
  },
  {
    name: "agents, paused and none",
    scenario: "connected",
    go: async () => {
      await button("Agents").click();
      await page.getByRole("switch", { name: "Pause all agents" }).click();
      await seen("All agents are paused");
    },
  },
  {
    name: "rules of an agent, one being changed",
    scenario: "agents",
    go: async () => {
      await button("Agents").click();
      await button("Rules and limits of claude").click();
      await button(/^Change: It may send mail/).click();
      await page.getByLabelText("Only for these recipients").fill("not an address");
      await button("Save rule").click();
      await seen("is neither an address nor a chat");
    },
  },
  {
    name: "what an agent did",
    scenario: "agents",
    go: async () => {
      await button("Agents").click();
      await button("What it did: claude").click();
      await seen("Sent today");
    },
  },
  {
    name: "an agent to be set up",
    scenario: "agents",
    go: async () => {
      await button("Agents").click();
      await button("Set up Claude Desktop").click();
      await seen("This is all that changes");
    },
  },
  { name: "a mail to approve", scenario: "approvals", go: async () => void (await expect.element(button("Approve once"), PATIENCE).toBeEnabled()) },
  {
    name: "a mail to approve, its source, for always",
    scenario: "approvals",
    go: async () => {
      await page.getByText("Source").click();
      await button("Always for these recipients…").click();
      await expect.element(button("Always allow, and send"), PATIENCE).toBeEnabled();
    },
  },
  {
    name: "an upload to approve",
    scenario: "approvals",
    go: async () => {
      await button("Next").click();
      await seen("Upload these files?");
      await expect.element(button("Approve once"), PATIENCE).toBeEnabled();
    },
  },
  {
    name: "approvals put off, in the activity",
    scenario: "approvals",
    before: (fake) => void (fake.life.ledger = []),
    go: async () => {
      await button("Decide later").click();
      await button("Activity").click();
      await seen("It waits for you to look at it.");
    },
  },
  {
    name: "a raw token, asked about",
    scenario: "connected",
    go: async () => {
      await button(`Settings of ${GMAIL}`).click();
      await page.getByRole("tab", { name: "Who may use it" }).click();
      await page.getByRole("switch", { name: /raw token/ }).click();
      await seen("Whoever holds this token");
    },
  },
  { name: "registrations", scenario: "connected", go: () => settings("Client registrations") },
  {
    name: "a registration to be removed",
    scenario: "connected",
    go: async () => {
      await settings("Client registrations");
      await button("Remove iOS app").click();
    },
  },
  {
    name: "a registration that a file would replace",
    scenario: "connected",
    before: ownRegistration,
    go: async () => {
      await settings("Client registrations");
      await button("Add or replace for Google").click();
      drop(new File(['{"installed":{"client_id":"a"}}'], "client_secret.json"));
      await seen("This deletes your registration “Desktop app”");
    },
  },
  { name: "vault", scenario: "connected", go: () => settings("Where sign-ins are kept") },
  {
    name: "moving house, leaving",
    scenario: "connected",
    go: async () => {
      await settings("Moving house");
      await page.getByText("With sign-ins, encrypted").click();
      await seen("A lost passphrase can't be replaced.");
    },
  },
  {
    name: "moving house, left",
    scenario: "connected",
    go: async () => {
      await settings("Moving house");
      await page.getByText("With sign-ins, encrypted").click();
      await page.getByLabelText("Passphrase", { exact: true }).fill("four words nobody guesses");
      await page.getByLabelText("Passphrase again", { exact: true }).fill("four words nobody guesses");
      await page.getByLabelText("Folder").fill("/home/anna");
      await dialog().getByRole("button", { name: "Export", exact: true }).click();
      await seen("The export is written.");
    },
  },
  {
    name: "moving house, arriving",
    scenario: "connected",
    before: (fake) => void (fake.picks.files = ["/home/anna/moving.age"]),
    go: async (fake) => {
      await settings("Moving house");
      await page.getByRole("tab", { name: "Import" }).click();
      await button("Choose file…").click();
      await page.getByLabelText("The passphrase it was exported with", { exact: true }).fill(fake.moving.passphrase);
      await button("Look at it").click();
      await seen("Nothing has changed yet.");
    },
  },
  {
    name: "moving house, reconnecting",
    scenario: "connected",
    before: (fake) => void (fake.picks.files = ["/home/anna/moving.json"]),
    go: async () => {
      await settings("Moving house");
      await page.getByRole("tab", { name: "Import" }).click();
      await button("Choose file…").click();
      await button("Look at it").click();
      await button("Import this").click();
      await seen("Reconnect these 3");
    },
  },
  { name: "locked vault file", scenario: "locked_file", go: () => button("Unlock").first().click() },
  { name: "no keychain", scenario: "no_keychain", go: () => button("Show options").first().click() },
  {
    name: "passphrase file",
    scenario: "no_keychain",
    go: async () => {
      await button("Show options").first().click();
      await button("Use a passphrase file instead").click();
    },
  },
  {
    name: "command palette",
    scenario: "every_status",
    go: async () => {
      await button("Settings").click();
      await page.getByRole("menuitem", { name: "Search and commands" }).click();
      await expect.element(page.getByRole("combobox"), PATIENCE).toHaveFocus();
    },
  },
  {
    name: "command palette, something found",
    scenario: "every_status",
    go: async () => {
      await button("Settings").click();
      await page.getByRole("menuitem", { name: "Search and commands" }).click();
      await page.getByRole("combobox").fill("gma");
      await expect.poll(() => document.querySelector("mark"), PATIENCE).not.toBeNull();
    },
  },
  {
    name: "command palette, nothing found",
    scenario: "connected",
    go: async () => {
      await button("Settings").click();
      await page.getByRole("menuitem", { name: "Search and commands" }).click();
      await page.getByRole("combobox").fill("zzzz");
      await seen("Nothing matches");
    },
  },
  {
    name: "check-up, everything in order",
    scenario: "connected",
    go: async () => {
      await settings("Check-up");
      await seen("Everything is in order.");
    },
  },
  {
    name: "check-up, all kinds of trouble",
    scenario: "connected",
    before: (fake) => fake.doctor.ail(),
    go: async () => {
      await settings("Check-up");
      await seen("Found: 6 wrong");
    },
  },
  {
    name: "check-up, under way",
    scenario: "connected",
    before: (fake) => void (fake.doctor.held = new Promise(() => undefined)),
    go: async () => {
      await settings("Check-up");
      await seen("13 of 14 done");
    },
  },
  {
    name: "an agent to be forgotten",
    scenario: "agents",
    go: async () => {
      await button("Agents").click();
      await button("More for msmtp").click();
      await page.getByRole("menuitem", { name: "Forget…" }).click();
      await seen("Its rules and limits go with it.");
    },
  },
  {
    name: "keyboard shortcuts",
    scenario: "connected",
    go: async () => {
      await settings("Keyboard shortcuts");
      await expect.element(dialog().getByRole("heading", { name: "Keyboard shortcuts" }), PATIENCE).toBeVisible();
    },
  },
  { name: "failing keychain", scenario: "failing", go: () => button("Show options").first().click() },
];

/**
 * Colours are measured once they have stopped moving: a new theme or width begins its transitions a frame later. They are
 * brought to their end, which is where they lead when they are waited for.
 */
export async function settled(): Promise<void> {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  for (;;) {
    await frame();
    await frame();
    const moving = document
      .getAnimations()
      .filter(({ effect, playState }) => playState === "running" && effect?.getComputedTiming().iterations !== Infinity);
    if (moving.length === 0) return;
    for (const animation of moving) animation.finish();
  }
}
