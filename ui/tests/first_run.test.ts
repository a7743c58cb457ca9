/** The first minutes: the page without an account, the vault on the way to one, and the way to a registration. */

import { expect, test } from "vitest";
import { page } from "vitest/browser";

import { failure, type Fake } from "$lib/api/fake.ts";

import { button, dialog, element, gone, noDialog, openWindow, PATIENCE, seen, text } from "./window.ts";

test("the first page offers the services and the sandbox, and says where sign-ins are kept", async () => {
  const fake = await openWindow("first_run_real");
  await seen("They are kept in your system's keychain.");
  await expect.element(button("Connect Gmail")).toBeVisible();
  await button("Try the sandbox").click();
  await seen("It opens in its own window.");
  expect(fake.opened).toEqual(["sandbox"]);
});

test("in the sandbox nobody is sent to the sandbox", async () => {
  await openWindow("first_run");
  await seen("Welcome to the sandbox");
  expect(button("Try the sandbox").query()).toBeNull();
});

test("a vault in the way is seen to on the way to the first account, and then it goes on", async () => {
  const fake = await openWindow("first_run_no_keychain");
  await seen("you choose where they are kept when you connect");
  expect(button("Show options").query()).toBeNull();
  await button("Connect Gmail").click();
  await button("Use a passphrase file instead").click();
  await page.getByLabelText("Passphrase", { exact: true }).fill("correct horse battery staple");
  await page.getByLabelText("Passphrase again", { exact: true }).fill("correct horse battery staple");
  await button("Create the file").click();
  await expect.element(button("Continue in browser"), PATIENCE).toBeVisible();
  expect(fake.asked.some(({ request }) => request === "use_vault_file")).toBe(true);
});

test("a vault that stays closed leads nowhere", async () => {
  await openWindow("first_run_no_keychain");
  await button("Connect Gmail").click();
  await button("Close").click();
  await noDialog();
});

test("the way to a registration is taken up where it was left, also after a restart", async () => {
  const fake = await openWindow("unregistered");
  await button("Connect Gmail").click();
  await button("Open Google's console: Create a project").click();
  expect(fake.opened).toEqual(["gmail/project"]);
  await button("Done, next step").click();
  await expect.element(button(/^Switch on the Gmail API/)).toHaveAttribute("aria-expanded", "true");
  await expect.element(button(/^Switch on the Gmail API/)).toHaveFocus();
  await button("Go on later").click();
  await noDialog();
  await button("Connect Gmail").click();
  await expect.element(button(/^Switch on the Gmail API/)).toHaveAttribute("aria-expanded", "true");
  await expect.element(button(/^Create a project/)).toHaveTextContent("Done");
});

test("what nobody else can see is asked, and an answer with a price is said again at the end", async () => {
  await openWindow("unregistered");
  await button("Connect Gmail").click();
  await button(/^Publish it/).click();
  await expect.element(button("Done, next step")).toBeDisabled();
  await dialog().getByText("Testing", { exact: true }).click();
  await seen("every sign-in ends after seven days");
  await button("Done, next step").click();
  await seen("aren't ticked");
  await button("Type it instead").click();
  await page.getByLabelText("Client ID").fill("mine.apps.googleusercontent.com");
  await page.getByLabelText("Client secret", { exact: true }).fill("a secret");
  await button("Add registration").click();
  await expect.element(button("Continue in browser"), PATIENCE).toBeVisible();
  await seen("every sign-in ends after seven days");
});

test("for all services of a provider a step done on one page is one step", async () => {
  await openWindow("unregistered");
  await button("Settings").click();
  await page.getByRole("menuitem", { name: "Client registrations" }).click();
  await button("Add or replace for Google").click();
  await expect.element(button(/^Create a project/)).toBeVisible();
  const steps = [...document.querySelectorAll("dialog h3")].map((one) => one.textContent.replace(/^\s*\d\s*/, "").trim());
  expect(steps).toEqual(["Create a project", "Switch on the Gmail API", "Switch on the Google Drive API", "Describe the app", "Publish it", "Create the client, and bring its file"]);
});

test("a page that the browser can't be opened at is named", async () => {
  await openWindow("unregistered", {}, (fake) => {
    fake.openSetup = () => Promise.reject(failure("internal"));
  });
  await button("Connect Gmail").click();
  await button("Open Google's console: Create a project").click();
  await seen("https://console.cloud.example/projectcreate");
});

test("a sign-in that ends for a step left out leads back to that step", async () => {
  const fake = await openWindow("first_run");
  await button("Connect Gmail").click();
  await button("Continue in browser").click();
  await seen("Finish in your browser");
  fake.end(fake.signIns[0]!.id, { kind: "failed", error: failure("api_disabled", { service: "Gmail" }) });
  await button("Open Google's console: Switch on the Gmail API").click();
  expect(fake.opened).toContain("gmail/api");
  await dialog().getByRole("button", { name: "Try again" }).click();
  await expect.element(button("Continue in browser"), PATIENCE).toBeVisible();
  await gone("Switch on the Gmail API");
});

/** As on a computer where the registration is the person's own, made on the way to Gmail. */
function registeredForGmail(fake: Fake): void {
  for (const { auth } of fake.world.integrations) {
    if (auth.kind === "oauth") auth.clients[0]!.registered = { client_id: "mine.apps.googleusercontent.com", own: true };
  }
  localStorage.setItem("setup.google", JSON.stringify({ "https://console.cloud.example/apis/library/gmail": "done" }));
}

test("a registration made for one service: the next one names its own step before the sign-in", async () => {
  const fake = await openWindow("unregistered", {}, registeredForGmail);
  await button("Connect Google Drive").click();
  await seen("Your registration needs this for Google Drive too.");
  await button("Open Google's console: Switch on the Google Drive API").click();
  expect(fake.opened).toEqual(["google_drive/api"]);
  await button("Continue in browser").click();
  await seen("Finish in your browser");
});

test("a step that was ticked, or whose service answers already, isn't named again", async () => {
  const fake = await openWindow("unregistered", {}, registeredForGmail);
  await button("Connect Gmail").click();
  await expect.element(button("Continue in browser"), PATIENCE).toBeVisible();
  expect(text(/Your registration needs this/).query()).toBeNull();
  await button("Cancel").click();
  await button("Connect Google Drive").click();
  await button("Continue in browser").click();
  await seen("Finish in your browser");
  const { id } = fake.comeBack(fake.signIns.at(-1)!.id);
  await seen("Connected as");
  await button("Done").click();
  await noDialog();
  const connection = fake.signIns.find((one) => one.id === id)!.state;
  if (connection.kind !== "connected") throw new Error("not connected");
  fake.emit({ event: "open", target: { place: "sign_in", integration: "google_drive", connection: connection.connection.id } });
  await expect.element(button("Continue in browser"), PATIENCE).toBeVisible();
  expect(text(/Your registration needs this/).query()).toBeNull();
});

test("where a registration came with the build, its steps are nobody's affair here", async () => {
  await openWindow("first_run");
  await button("Connect Google Drive").click();
  await expect.element(button("Continue in browser"), PATIENCE).toBeVisible();
  expect(text(/Your registration needs this/).query()).toBeNull();
});

test("what was connected can be tried at once, and the focus comes back to its card", async () => {
  const fake = await openWindow("first_run");
  await button("Connect Gmail").click();
  await button("Continue in browser").click();
  await seen("Finish in your browser");
  fake.comeBack(fake.signIns[0]!.id);
  await seen("Connected as anna@example.org");
  await button("Try it").click();
  await expect.element(button("Send yourself a test mail"), PATIENCE).toBeVisible();
  await dialog().getByRole("button", { name: "Close" }).click();
  await noDialog();
  expect(element('[data-integration="gmail"]').contains(document.activeElement)).toBe(true);
});

test("a card whose API is switched off leads to the page where it is switched on", async () => {
  const fake = await openWindow("every_status");
  await button("Open Google's console: Switch on the Gmail API").first().click();
  expect(fake.opened).toEqual(["gmail/api"]);
});
