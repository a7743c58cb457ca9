/**
 * `npm run look [DIRECTORY [SCENE,SCENE]]`: the window in every state, as pictures, from the built page under the shell's own
 * content security policy. Fails when the page breaks that policy or logs an error. For eyes, not for comparing.
 */

import { mkdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright";
import { build, preview } from "vite";

const ui = fileURLToPath(new URL("..", import.meta.url));
const target = resolve(process.argv[2] ?? `${ui}/../artifacts/look`);
const only = process.argv[3];
const sizes = [
  { name: "wide", width: 1280, height: 760 },
  { name: "narrow", width: 420, height: 760 },
  { name: "smallest", width: 360, height: 480 },
];

const click = (name, role = "button") => async (page) => page.getByRole(role, typeof name === "string" ? { name, exact: true } : { name }).first().click();
const menu = (label, item) => async (page) => {
  await page.getByRole("button", { name: label }).first().click();
  await page.getByRole("menuitem", { name: item }).click();
};
const wait = (text) => async (page) => page.getByText(text).first().waitFor();

const scenes = [
  { name: "first-run", scenario: "first_run" },
  { name: "first-run-real", scenario: "first_run_real" },
  { name: "first-run-no-keychain", scenario: "first_run_no_keychain" },
  { name: "wizard", scenario: "unregistered", steps: [click("Connect Gmail")] },
  {
    name: "wizard-publish",
    scenario: "unregistered",
    steps: [click("Connect Gmail"), click("Done, next step"), click("Done, next step"), click("Done, next step"), async (page) => page.getByText("Testing", { exact: true }).click()],
  },
  { name: "wizard-client", scenario: "unregistered", steps: [click("Connect Gmail"), click("Create the client, and bring its file")] },
  { name: "wizard-typed", scenario: "unregistered", steps: [click("Connect Gmail"), click("Create the client, and bring its file"), click("Type it instead")] },
  { name: "loading", scenario: "loading" },
  { name: "unreachable", scenario: "unreachable" },
  { name: "connected", scenario: "connected" },
  { name: "mixed", scenario: "mixed" },
  { name: "every-status", scenario: "every_status", full: true },
  { name: "locked", scenario: "locked" },
  { name: "card-menu", scenario: "connected", steps: [click("More for Gmail, anna@example.org")] },
  { name: "settings-menu", scenario: "connected", steps: [click("Settings")] },
  { name: "test-passed", scenario: "connected", steps: [click("Test"), wait("Everything works")] },
  { name: "test-failed", scenario: "mixed", steps: [click("Try now"), wait("Try again in a little while")] },
  { name: "moving", scenario: "connected", steps: [menu("Settings", "Moving house"), wait("What goes along")] },
  {
    name: "moving-sealed",
    scenario: "connected",
    steps: [menu("Settings", "Moving house"), async (page) => page.getByText("With sign-ins, encrypted").click(), wait("A lost passphrase")],
  },
  {
    name: "moving-preview",
    scenario: "connected",
    steps: [
      menu("Settings", "Moving house"),
      click("Import", "tab"),
      async (page) => page.getByLabel("Path of a file").fill("/home/anna/moving.json"),
      click("Add"),
      click("Look at it"),
      wait("Nothing has changed yet"),
    ],
  },
  {
    name: "moving-reconnect",
    scenario: "connected",
    steps: [
      menu("Settings", "Moving house"),
      click("Import", "tab"),
      async (page) => page.getByLabel("Path of a file").fill("/home/anna/moving.json"),
      click("Add"),
      click("Look at it"),
      click("Import this"),
      wait("Reconnect these"),
    ],
  },
  { name: "connect", scenario: "first_run", steps: [click("Connect Gmail")] },
  {
    name: "waiting",
    scenario: "first_run",
    steps: [click("Connect Gmail"), click("Continue in browser"), click("Paste address")],
  },
  {
    name: "cancelled",
    scenario: "first_run",
    steps: [click("Connect Gmail"), click("Continue in browser"), click("Cancel sign-in"), wait("was cancelled")],
  },
  {
    name: "connected-as",
    scenario: "first_run",
    steps: [click("Connect Google Drive"), click("Continue in browser"), wait("Connected as")],
  },
  { name: "register", scenario: "unregistered", steps: [click("Connect Gmail")] },
  { name: "telegram", scenario: "first_run", steps: [click("Connect Telegram")] },
  {
    name: "telegram-wrong",
    scenario: "first_run",
    steps: [
      click("Connect Telegram"),
      async (page) => page.getByLabel("Bot key", { exact: true }).fill("AAH-only-half"),
      click("Connect"),
      wait("The part before the colon"),
    ],
  },
  {
    name: "disconnect",
    scenario: "connected",
    steps: [menu("More for Gmail, anna@example.org", "Disconnect…"), wait("Disconnecting takes this along")],
  },
  { name: "room", scenario: "mixed", steps: [click("Settings of Gmail, anna@example.org"), wait("takes this along")] },
  {
    name: "room-end",
    scenario: "agents",
    steps: [click("Settings of Gmail, anna@example.org"), wait("takes this along"), async (page) => page.getByText("takes this along").scrollIntoViewIfNeeded(), async (page) => page.locator("dialog .body").evaluate((body) => body.scrollTo(0, 9999))],
  },
  { name: "room-broken", scenario: "mixed", steps: [click("Settings of Gmail, anna.lindgren@longer-company-name.example"), wait("Nothing else depends")] },
  { name: "room-permissions", scenario: "connected", steps: [click("Settings of Gmail, anna@example.org"), click("Permissions", "tab"), click("Read your mail", "checkbox")] },
  { name: "room-permissions-key", scenario: "connected", steps: [click("Settings of Telegram, @sandbox_helper_bot"), click("Permissions", "tab")] },
  { name: "room-access", scenario: "agents", steps: [click("Settings of Gmail, anna@example.org"), click("Who may use it", "tab"), wait("calls in 30 days")] },
  { name: "batch", scenario: "every_status", steps: [menu("More for all connections", "Test all"), wait("of 11 failed")] },
  { name: "batch-disconnect", scenario: "connected", steps: [menu("More for all connections", "Disconnect all…"), wait("Removed here only")] },
  {
    name: "pointed-menu",
    scenario: "connected",
    steps: [async (page) => page.getByRole("button", { name: "Settings of Gmail, anna@example.org" }).click({ button: "right" }), wait("Rename…")],
  },
  { name: "undo-pause", scenario: "connected", steps: [menu("More for Gmail, anna@example.org", "Pause"), wait("is paused.")] },
  { name: "settings", scenario: "connected", steps: [click("Settings of Gmail, anna@example.org")] },
  { name: "try-mail", scenario: "lively", steps: [click("Settings of Gmail, anna@example.org"), click("Try it", "tab")] },
  {
    name: "undo",
    scenario: "lively",
    steps: [
      click("Settings of Gmail, anna@example.org"),
      click("Try it", "tab"),
      click("Send yourself a test mail"),
      wait("Goes out in"),
    ],
  },
  {
    name: "undo-bar",
    scenario: "lively",
    steps: [
      click("Settings of Gmail, anna@example.org"),
      click("Try it", "tab"),
      click("Send yourself a test mail"),
      wait("Goes out in"),
      async (page) => page.keyboard.press("Escape"),
    ],
  },
  {
    name: "mail-list",
    scenario: "lively",
    steps: [click("Settings of Gmail, anna@example.org"), click("Try it", "tab"), async (page) => page.getByText("Look at mail").click(), wait("Notes from Tuesday")],
  },
  {
    name: "mail-read",
    scenario: "lively",
    steps: [
      click("Settings of Gmail, anna@example.org"),
      click("Try it", "tab"),
      async (page) => page.getByText("Look at mail").click(),
      async (page) => page.getByText("Notes from Tuesday").click(),
      async (page) => page.getByText("Formatted").click(),
    ],
  },
  {
    name: "files",
    scenario: "lively",
    steps: [click("Settings of Google Drive, anna@example.org"), click("Try it", "tab"), wait("Workshop plan.pdf")],
  },
  {
    name: "uploading",
    scenario: "lively",
    steps: [
      click("Settings of Google Drive, anna@example.org"),
      click("Try it", "tab"),
      click("Choose files…"),
      click("Upload"),
      wait(" of 24 MB"),
    ],
  },
  { name: "message", scenario: "lively", steps: [click("Settings of Telegram, @sandbox_helper_bot"), click("Try it", "tab"), wait("Another chat")] },
  {
    name: "claim",
    scenario: "lively",
    steps: [click("Settings of Telegram, @sandbox_helper_bot"), click("Try it", "tab"), click("Another chat…"), wait("Waiting for somebody")],
  },
  {
    name: "usage",
    scenario: "lively",
    steps: [click("Settings of Gmail, anna@example.org"), click("Activity", "tab"), async (page) => page.locator("canvas").waitFor()],
  },
  { name: "activity", scenario: "lively", steps: [click("Activity"), wait("Lines ")], full: true },
  { name: "activity-empty", scenario: "connected", steps: [click("Activity"), wait("Nothing has happened")] },
  {
    name: "activity-details",
    scenario: "lively",
    steps: [click("Activity"), wait("Lines "), async (page) => page.locator("[data-line] button").nth(1).click(), click("Check it"), wait("is whole")],
    full: true,
  },
  { name: "activity-usage", scenario: "lively", steps: [click("Activity"), click("Usage", "tab"), async (page) => page.locator("canvas").waitFor()], full: true },
  { name: "agents", scenario: "agents", steps: [click("Agents"), wait("today ")], full: true },
  { name: "agents-none", scenario: "connected", steps: [click("Agents"), wait("Nobody has asked yet"), wait("Any other client")], full: true },
  {
    name: "agents-paused",
    scenario: "agents",
    steps: [click("Agents"), click("Pause all agents", "switch"), wait("All agents are paused"), click("I've looked at it"), click("Let in: nightly-backup")],
    full: true,
  },
  { name: "rules", scenario: "agents", steps: [click("Agents"), click("Rules and limits of claude"), wait("Requests in a minute")] },
  {
    name: "rule-form",
    scenario: "agents",
    steps: [click("Agents"), click("Rules and limits of claude"), click(/^Change: It may send mail/), wait("Only for these recipients")],
  },
  { name: "did", scenario: "agents", steps: [click("Agents"), click("What it did: claude"), wait("Sent today")] },
  { name: "forget", scenario: "agents", steps: [click("Agents"), click("More for claude"), click("Forget…", "menuitem"), wait("Forget claude?")] },
  { name: "set-up", scenario: "agents", steps: [click("Agents"), click("Set up Claude Desktop"), wait("This is all that changes")] },
  { name: "set-up-done", scenario: "agents", steps: [click("Agents"), click("Set up Claude Desktop"), click("Change the file"), wait("knows Autopilot now")] },
  { name: "approval-mail", scenario: "approvals", steps: [wait("Send this mail?"), async (page) => page.waitForTimeout(800)] },
  { name: "approval-source", scenario: "approvals", steps: [wait("Send this mail?"), async (page) => page.getByText("Source").click()] },
  {
    name: "approval-always",
    scenario: "approvals",
    steps: [wait("Send this mail?"), async (page) => page.waitForTimeout(800), click("Always for these recipients…"), async (page) => page.waitForTimeout(800)],
  },
  { name: "approval-upload", scenario: "approvals", steps: [wait("Send this mail?"), click("Next"), wait("Upload these files?")] },
  {
    name: "approval-message",
    scenario: "approvals",
    steps: [wait("Send this mail?"), click("Next"), wait("Upload these files?"), click("Next"), wait("Workshop (group)"), async (page) => page.waitForTimeout(800)],
  },
  { name: "approval-later", scenario: "approvals", steps: [wait("Send this mail?"), async (page) => page.keyboard.press("Escape"), wait("3 things wait")] },
  {
    name: "activity-awaiting",
    scenario: "approvals",
    steps: [wait("Send this mail?"), async (page) => page.keyboard.press("Escape"), click("Activity"), wait("It waits for you")],
    full: true,
  },
  {
    name: "token",
    scenario: "connected",
    steps: [click("Settings of Gmail, anna@example.org"), click(/raw token/, "switch"), wait("Whoever holds this token")],
  },
  ...["General", "Sending", "Notifications", "Checking", "Network", "Privacy and history", "Secrets", "Client registrations", "Diagnostics"].map((part) => ({
    name: `settings-${part.toLowerCase().replaceAll(" ", "-")}`,
    scenario: "connected",
    full: true,
    steps: [menu("Settings", "All settings"), click(part)],
  })),
  { name: "palette", scenario: "every_status", steps: [async (page) => page.keyboard.press("Control+k"), async (page) => page.getByRole("combobox").waitFor()] },
  {
    name: "palette-found",
    scenario: "every_status",
    steps: [async (page) => page.keyboard.press("Control+k"), async (page) => page.getByRole("combobox").fill("gma"), async (page) => page.locator("mark").first().waitFor()],
  },
  { name: "shortcuts", scenario: "connected", steps: [async (page) => page.keyboard.press("Control+/"), wait("Keyboard shortcuts")] },
  { name: "clients", scenario: "connected", steps: [click("Settings"), click("Client registrations", "menuitem")] },
  { name: "client-to-remove", scenario: "connected", steps: [click("Settings"), click("Client registrations", "menuitem"), click("Remove iOS app")] },
  { name: "vault-locked-file", scenario: "locked_file", steps: [click("Unlock")] },
  { name: "vault-none", scenario: "no_keychain", steps: [click("Show options")] },
  {
    name: "vault-file",
    scenario: "no_keychain",
    steps: [click("Show options"), click("Use a passphrase file instead")],
  },
  { name: "vault-failing", scenario: "failing", steps: [click("Show options")] },
];

/** The shell's policy, so that what is looked at is what may run there. */
function policy() {
  const { csp } = JSON.parse(readFileSync(`${ui}/../tauri.conf.json`, "utf8")).app.security;
  return Object.entries(csp)
    .map(([directive, sources]) => `${directive} ${sources}`)
    .join("; ");
}

mkdirSync(target, { recursive: true });
const outDir = resolve(target, ".page");
await build({ root: ui, configFile: `${ui}/vite.config.ts`, mode: "look", logLevel: "error", build: { outDir } });
const server = await preview({
  root: ui,
  configFile: `${ui}/vite.config.ts`,
  logLevel: "error",
  build: { outDir },
  preview: { port: 0, headers: { "Content-Security-Policy": policy() } },
});
const origin = server.resolvedUrls.local[0];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-first-run", "--disable-background-networking", "--disable-gpu"],
});

const complaints = [];
for (const colorScheme of ["light", "dark"]) {
  for (const { name: size, width, height } of sizes) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme, reducedMotion: "reduce", locale: process.env.LOCALE ?? "en-GB" });
    for (const { name, scenario, steps = [], full = false } of scenes) {
      if (only && !only.split(",").includes(name)) continue;
      const page = await context.newPage();
      const where = `${name}-${size}-${colorScheme}`;
      page.setDefaultTimeout(10_000);
      // What one scene left half done isn't the next one's.
      await page.addInitScript(() => localStorage.clear());
      page.on("console", (message) => {
        // A picture in a mail that waits: that it isn't fetched is what we want.
        const refused = message.text().includes("https://tracker.example/");
        if (message.type() === "error" && !refused) complaints.push(`${where}: ${message.text()}`);
      });
      page.on("pageerror", (error) => complaints.push(`${where}: ${error.message}`));
      await page.goto(`${origin}?scenario=${scenario}`);
      if (!["loading", "unreachable"].includes(scenario)) await page.locator("[data-integration]").first().waitFor();
      if (scenario === "unreachable") await page.getByText("can't be reached").first().waitFor();
      try {
        for (const step of steps) await step(page);
      } catch (error) {
        complaints.push(`${where}: ${error.message}`);
      }
      await page.waitForTimeout(150);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (overflow > 0) complaints.push(`${where}: ${overflow} px wider than the window`);
      await page.screenshot({ path: `${target}/${where}.png`, fullPage: full });
      await page.close();
    }
    await context.close();
  }
}
await browser.close();
await server.close();
for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
process.exit(complaints.length === 0 ? 0 : 1);
