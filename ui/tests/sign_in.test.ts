/** Connecting: through the browser, by form, with a registration of one's own; and every way it can end. */

import { expect, test, vi } from "vitest";
import { page, userEvent } from "vitest/browser";

import { failure, type Fake } from "$lib/api/fake.ts";

import { ownRegistration } from "./scenes.ts";
import { button, dialog, drop, gone, noDialog, openWindow, PATIENCE, seen, text } from "./window.ts";

const last = (fake: Fake) => fake.signIns.at(-1)!;
const asked = (fake: Fake, name: string) => fake.asked.filter(({ request }) => request === name);

async function toBrowser(service = "Gmail", scenario = "first_run"): Promise<Fake> {
  const fake = await openWindow(scenario);
  await button(`Connect ${service}`).click();
  await button("Continue in browser").click();
  await seen("Finish in your browser");
  return fake;
}

test("what is allowed is chosen first, and only that is asked for", async () => {
  const fake = await openWindow("first_run");
  await button("Connect Gmail").click();
  await expect.element(dialog()).toHaveTextContent("It can't read your mailbox with this.");
  await page.getByRole("checkbox", { name: "Read your mail" }).click();
  await button("Continue in browser").click();
  await seen("Finish in your browser");
  expect(asked(fake, "begin_sign_in")).toEqual([
    {
      request: "begin_sign_in",
      integration: "gmail",
      connection: null,
      scopes: ["https://www.googleapis.com/auth/gmail.send"],
      redirect: null,
    },
  ]);
  expect(fake.opened).toEqual([last(fake).id]);
});

test("with nothing ticked there is nothing to continue with", async () => {
  await openWindow("first_run");
  await button("Connect Google Drive").click();
  await page.getByRole("checkbox", { name: "Files made with Autopilot" }).click();
  await seen("Leave at least one permission ticked.");
  await expect.element(button("Continue in browser")).toBeDisabled();
});

test("coming back from the browser ends in: connected as whom", async () => {
  const fake = await toBrowser();
  fake.comeBack(last(fake).id);
  await seen("Connected as anna@example.org");
  await button("Done").click();
  await noDialog();
  await expect.element(text("One account is connected.")).toBeVisible();
});

test("a permission left unticked is named, and can be chosen again for the same account", async () => {
  const fake = await toBrowser();
  fake.comeBack(last(fake).id, ["Read your mail"]);
  await seen("These permissions were left unticked:");
  await expect.element(dialog()).toHaveTextContent("Read your mail");
  await dialog().getByRole("button", { name: "Choose again" }).click();
  await seen("Finish in your browser");
  expect(asked(fake, "begin_sign_in").at(-1)).toMatchObject({ connection: fake.world.connections[0]!.id, scopes: null });
});

test("the browser can be opened again, and the countdown runs", async () => {
  const fake = await toBrowser();
  await button("Open again").click();
  await expect.poll(() => fake.opened, PATIENCE).toEqual([last(fake).id, last(fake).id]);
  await expect.element(dialog()).toHaveTextContent(/\d:\d\d left|10:00 left/);
});

test("a browser that can't be opened is told, and the sign-in stands", async () => {
  const fake = await openWindow("first_run");
  fake.openSignIn = () => Promise.reject(failure("internal"));
  await button("Connect Gmail").click();
  await button("Continue in browser").click();
  await seen("The browser couldn't be opened.");
  await expect.element(button("Copy link")).toBeVisible();
});

test("the link can be copied, and where copying is refused it is shown instead", async () => {
  const fake = await toBrowser();
  const copied: string[] = [];
  const write = vi.spyOn(navigator.clipboard, "writeText").mockImplementation(async (link) => void copied.push(link));
  await button("Copy link").click();
  await seen("Link copied");
  expect(copied).toEqual([last(fake).url]);
  write.mockRejectedValue(new Error("refused"));
  const older = vi.spyOn(document, "execCommand").mockReturnValue(false);
  await button("Link copied").click();
  await seen(last(fake).url);
  write.mockRestore();
  older.mockRestore();
});

test("an address pasted by hand finishes the sign-in; a wrong one says why and keeps waiting", async () => {
  const fake = await toBrowser();
  await button("Paste address").click();
  const field = page.getByLabelText("Address the browser ended on");
  await field.fill("http://127.0.0.1:9/?nothing");
  await button("Use this address").click();
  await seen("This address holds no answer to a sign-in.");
  await field.fill("http://127.0.0.1:9/?code=x&state=foreign");
  await button("Use this address").click();
  await seen("This address doesn't belong to a sign-in started here.");
  expect(last(fake).state.kind).toBe("waiting");
  await field.fill("http://127.0.0.1:9/?code=x&state=ours");
  await button("Use this address").click();
  await seen("Connected as anna@example.org");
});

test("cancelling ends it here and in the hub, and says so before the dialog goes", async () => {
  const fake = await toBrowser();
  await button("Cancel sign-in").click();
  await seen("The sign-in to Gmail was cancelled.");
  await seen("Nothing was changed. Try again whenever you like.");
  expect(asked(fake, "cancel_sign_in")).toEqual([{ request: "cancel_sign_in", attempt: last(fake).id }]);
  await gone("Finish in your browser");
  const done = button("Done");
  await expect.poll(() => document.activeElement, PATIENCE).toBe(done.element());
  await userEvent.keyboard("{Enter}");
  await noDialog();
});

test("what was cancelled can be tried again in the same dialog", async () => {
  const fake = await toBrowser();
  await button("Cancel sign-in").click();
  await button("Try again").click();
  await button("Continue in browser").click();
  await seen("Finish in your browser");
  expect(asked(fake, "begin_sign_in")).toHaveLength(2);
});

test("a cancelling that fails says why, and the sign-in goes on waiting", async () => {
  const fake = await toBrowser();
  fake.failing.set("cancel_sign_in", failure("handing_over"));
  await button("Cancel sign-in").click();
  await seen("Autopilot is moving to another process.");
  await expect.element(button("Open again")).toBeVisible();
});

const CANCELLED = { kind: "failed", error: failure("sign_in_cancelled", { service: "Gmail" }) } as const;

test("a sign-in cancelled in a terminal is told where it is being shown, and nowhere else", async () => {
  const fake = await toBrowser();
  fake.end(last(fake).id, CANCELLED);
  await seen("The sign-in to Gmail was cancelled.");
  await button("Done").click();
  await noDialog();
  const id = await beginElsewhere(fake);
  fake.emit({ event: "sign_in", sign_in: last(fake) });
  await seen("Finish in your browser");
  fake.end(id, CANCELLED);
  await gone("Finish in your browser");
  await noDialog();
});

test("closing the dialog leaves the sign-in waiting on its card, and its end is told", async () => {
  const fake = await toBrowser();
  await userEvent.keyboard("{Escape}");
  await noDialog();
  await seen("Finish in your browser");
  await button("Show").click();
  await expect.element(button("Open again"), PATIENCE).toBeVisible();
  await userEvent.keyboard("{Escape}");
  await noDialog();
  fake.comeBack(last(fake).id);
  await seen("Connected as anna@example.org");
});

test.each([
  ["sign_in_denied", {}, "The sign-in to Gmail was declined in the browser."],
  ["sign_in_expired", {}, "This sign-in was started more than ten minutes ago and has ended."],
  ["nothing_granted", {}, "No permission was ticked"],
  ["wrong_account", { actual: "ben@example.org", expected: "anna@example.org" }, "You signed in as ben@example.org"],
  ["sign_in_wrong_issuer", {}, "came from another server"],
  ["sign_in_refused", {}, "Gmail refused this sign-in."],
  ["blocked_by_admin", {}, "An administrator blocks this app"],
] as const)("a sign-in that ends with %s says so plainly and can be tried again", async (code, args, sentence) => {
  const fake = await toBrowser();
  fake.end(last(fake).id, { kind: "failed", error: failure(code, args, "invalid_grant: for the curious") });
  await seen(sentence);
  await expect.poll(() => document.activeElement, PATIENCE).toBe(button("Try again").element());
  await button("Try again").click();
  await expect.element(button("Continue in browser"), PATIENCE).toBeVisible();
});

test("a sign-in that can't begin says why, in the dialog", async () => {
  const fake = await openWindow("first_run");
  fake.failing.set("begin_sign_in", failure("loopback_blocked"));
  await button("Connect Gmail").click();
  await button("Continue in browser").click();
  await seen("Autopilot couldn't open a local port");
  await expect.element(button("Continue in browser")).toBeEnabled();
});

test("a failure that arrives with no dialog open is shown in one", async () => {
  const fake = await openWindow("connected");
  await seen("All 3 accounts are connected.");
  const id = await beginElsewhere(fake);
  fake.end(id, { kind: "failed", error: failure("sign_in_denied", { service: "Gmail" }) });
  await seen("The sign-in to Gmail was declined in the browser.");
});

test("a result waits while another dialog is open, and is told once", async () => {
  const fake = await openWindow("connected");
  await button("Settings of Gmail, anna@example.org").click();
  const id = await beginElsewhere(fake);
  fake.end(id, { kind: "failed", error: failure("sign_in_expired") });
  await expect.element(page.getByLabelText("Evidence")).toBeVisible();
  await userEvent.keyboard("{Escape}");
  await seen("This sign-in was started more than ten minutes ago and has ended.");
  await userEvent.keyboard("{Escape}");
  await noDialog();
});

test("a whole success by loopback, begun in a terminal, was told in the browser and disturbs nobody here", async () => {
  const fake = await openWindow("first_run");
  await seen("Welcome to the sandbox");
  const id = await beginElsewhere(fake);
  fake.signIns.at(-1)!.redirect = "loopback";
  fake.comeBack(id);
  await seen("One account is connected.");
  await noDialog();
});

test("a link that started the app cold shows its result, though it was never heard of before", async () => {
  const fake = await openWindow("first_run");
  await seen("Welcome to the sandbox");
  const id = await beginElsewhere(fake);
  fake.signIns.at(-1)!.state = { kind: "failed", error: failure("sign_in_used") };
  fake.emit({ event: "open", target: { place: "attempt", id } });
  await seen("This address was already used.");
});

const REFUSED = { event: "open", target: { place: "link_refused", error: failure("sign_in_unknown") } } as const;

test("a link that belongs to no sign-in of ours is refused at once, and the one that waits goes on", async () => {
  const fake = await toBrowser();
  fake.emit(REFUSED);
  await seen("This address doesn't belong to a sign-in started here.");
  await button("Done").click();
  await expect.element(button("Open again"), PATIENCE).toBeVisible();
  fake.comeBack(last(fake).id);
  await seen("Connected as anna@example.org");
});

test("a refused link doesn't take away what someone is typing", async () => {
  const fake = await openWindow("first_run");
  await button("Connect Telegram").click();
  const field = page.getByLabelText("Bot key", { exact: true });
  await field.fill("half-typed");
  fake.emit(REFUSED);
  await expect.element(field).toHaveValue("half-typed");
  await userEvent.keyboard("{Escape}");
  await seen("This address doesn't belong to a sign-in started here.");
});

test("the Reconnect of a notification opens the sign-in of that account", async () => {
  const fake = await openWindow("mixed");
  await seen("and one needs you.");
  const { id, account, integration } = fake.world.connections[1]!;
  fake.emit({ event: "open", target: { place: "sign_in", integration, connection: id } });
  await expect.element(dialog(), PATIENCE).toHaveTextContent("Sign in to Gmail again");
  await expect.element(dialog()).toHaveTextContent(account);
  await button("Continue in browser").click();
  await seen("Finish in your browser");
  expect(asked(fake, "begin_sign_in").at(-1)).toMatchObject({ connection: id });
});

/** The second Gmail account, which was allowed to send and asked for nothing else. */
async function againForNarrowed(): Promise<Fake> {
  const fake = await openWindow("mixed");
  await seen("and one needs you.");
  const { id, integration, scopes } = fake.world.connections[1]!;
  scopes.splice(1);
  fake.emit({ event: "connection_changed", connection: fake.world.connections[1]! });
  fake.emit({ event: "open", target: { place: "sign_in", integration, connection: id } });
  await expect.element(page.getByRole("checkbox", { name: "Send mail as you" }), PATIENCE).toBeChecked();
  return fake;
}

test("signing in again begins with what was asked for before, and asks for what is ticked", async () => {
  const fake = await againForNarrowed();
  await expect.element(page.getByRole("checkbox", { name: "Read your mail" })).not.toBeChecked();
  await button("Continue in browser").click();
  await seen("Finish in your browser");
  expect(asked(fake, "begin_sign_in").at(-1)).toMatchObject({ scopes: ["https://www.googleapis.com/auth/gmail.send"] });
});

test("everything ticked when signing in again is said one by one, and not as what it had before", async () => {
  const fake = await againForNarrowed();
  await page.getByRole("checkbox", { name: "Read your mail" }).click();
  await button("Continue in browser").click();
  await seen("Finish in your browser");
  expect(asked(fake, "begin_sign_in").at(-1)).toMatchObject({
    scopes: ["https://www.googleapis.com/auth/gmail.send", "https://www.googleapis.com/auth/gmail.readonly"],
  });
});

test("what was asked for and left unticked in the browser is asked for again", async () => {
  const fake = await openWindow("mixed");
  await seen("and one needs you.");
  const { id, integration } = fake.world.connections[1]!;
  fake.emit({ event: "open", target: { place: "sign_in", integration, connection: id } });
  await expect.element(page.getByRole("checkbox", { name: "Read your mail" }), PATIENCE).toBeChecked();
});

test("a bot's key: the part that is wrong is named at the field, and the right one connects", async () => {
  const fake = await openWindow("first_run");
  await button("Connect Telegram").click();
  await expect.element(dialog()).toHaveTextContent("@BotFather");
  const field = page.getByLabelText("Bot key", { exact: true });
  expect(document.activeElement).toBe(field.element());
  await expect.element(button("Connect")).toBeDisabled();
  await field.fill("half-a-key");
  await button("Connect").click();
  await seen("The part before the colon should be the bot's number.");
  await expect.element(field).toHaveAttribute("aria-invalid", "true");
  await field.fill(" 123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw ");
  await expect.element(field).not.toHaveAttribute("aria-invalid");
  await userEvent.keyboard("{Enter}");
  await seen("Connected as @sandbox_helper_bot");
  expect(asked(fake, "connect_with_form").at(-1)).toMatchObject({
    fields: { token: "123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw" },
  });
});

test("a key is hidden until its owner asks to see it", async () => {
  await openWindow("first_run");
  await button("Connect Telegram").click();
  const field = page.getByLabelText("Bot key", { exact: true });
  await expect.element(field).toHaveAttribute("type", "password");
  await button("Show Bot key").click();
  await expect.element(field).toHaveAttribute("type", "text");
});

async function typeClient(): Promise<void> {
  await button(/^Create the client/).click();
  await button("Type it instead").click();
}

test("without a registration it is asked for first; what is wrong is said at the field", async () => {
  const fake = await openWindow("unregistered");
  await button("Connect Gmail").click();
  await typeClient();
  await page.getByLabelText("Client ID").fill("nonsense");
  await page.getByLabelText("Client secret", { exact: true }).fill("a secret");
  await button("Add registration").click();
  await seen("A Google client id ends in .apps.googleusercontent.com.");
  await page.getByLabelText("Client ID").fill("mine.apps.googleusercontent.com");
  await button("Add registration").click();
  await expect.element(button("Continue in browser"), PATIENCE).toBeVisible();
  expect(asked(fake, "register_client").at(-1)).toMatchObject({ kind: "desktop", client_secret: "a secret" });
});

test("a kind of client without a secret asks for none", async () => {
  const fake = await openWindow("unregistered");
  await button("Connect Gmail").click();
  await typeClient();
  await dialog().getByText("iOS app").click();
  expect(page.getByLabelText("Client secret", { exact: true }).query()).toBeNull();
  await page.getByLabelText("Client ID").fill("mine.apps.googleusercontent.com");
  await button("Add registration").click();
  await expect.element(button("Continue in browser"), PATIENCE).toBeVisible();
  expect(asked(fake, "register_client").at(-1)).toMatchObject({ kind: "ios", client_secret: null });
});

test("the provider's file registers when it is dropped or chosen, and a wrong file says so", async () => {
  const fake = await openWindow("unregistered");
  await button("Connect Gmail").click();
  await button(/^Create the client/).click();
  await expect.element(button("Choose file…")).toBeVisible();
  drop(new File(["{}"], "notes.json", { type: "application/json" }));
  await seen("This file holds no client registration.");
  drop(new File(["x".repeat(70_000)], "huge.json"));
  await seen("This file is too large to be a client registration.");
  expect(asked(fake, "register_client_file")).toHaveLength(1);
  drop(new File(['{"installed":{"client_id":"a"}}'], "client_secret.json"));
  await expect.element(button("Continue in browser"), PATIENCE).toBeVisible();
  await seen("It belongs to the project anna-autopilot.");
});

test("registrations are listed with where they come from, and one's own can be removed", async () => {
  const fake = await openWindow("connected");
  await button("Settings").click();
  await page.getByRole("menuitem", { name: "Client registrations" }).click();
  await seen("Used by Gmail, Google Drive");
  await seen("Comes with the app");
  await button("Remove iOS app").click();
  await button("Remove").click();
  await seen("Not registered");
  expect(asked(fake, "remove_client")).toEqual([{ request: "remove_client", provider: "google", kind: "ios" }]);
});

test("before a registration is removed: who needs a new sign-in, and that its secret goes; the focus is on what is safe", async () => {
  const fake = await openWindow("connected", {}, ({ world }) => (world.connections[1]!.status = { kind: "not_configured" }));
  await button("Settings").click();
  await page.getByRole("menuitem", { name: "Client registrations" }).click();
  await button("Remove iOS app").click();
  await seen("This deletes your registration “iOS app” with any secret it has; Google may not show that again.");
  // Neither what was signed in with a registration that is gone already nor what needs none.
  await seen(/if it was made with that registration: Gmail, anna@example\.org$/);
  await expect.element(button("Cancel")).toHaveFocus();
  await userEvent.keyboard("{Enter}");
  await gone(/^This deletes your registration/);
  await expect.element(button("Remove iOS app")).toHaveFocus();
  expect(asked(fake, "remove_client")).toEqual([]);
});

test("a registration typed in the place of one's own says what goes with that", async () => {
  await openWindow("connected");
  await button("Settings").click();
  await page.getByRole("menuitem", { name: "Client registrations" }).click();
  await button("Add or replace for Google").click();
  await button("Type it instead").click();
  await page.getByLabelText("Client ID").fill("mine.apps.googleusercontent.com");
  await expect.element(button("Add registration")).toBeVisible();
  expect(text(/^This deletes/).query()).toBeNull(); // That kind came with the app, and stays.
  await dialog().getByText("iOS app").click();
  await seen("This deletes your registration “iOS app”");
  await seen("Gmail, anna@example.org; Google Drive, anna@example.org");
  await page.getByLabelText("Client ID").fill("sandbox-ios.apps.googleusercontent.com");
  await gone(/^This deletes/); // The same once more.
});

test("a file that would replace a registration of one's own asks first, and keeps it when that isn't wanted", async () => {
  const fake = await openWindow("connected", {}, ownRegistration);
  await button("Settings").click();
  await page.getByRole("menuitem", { name: "Client registrations" }).click();
  await button("Add or replace for Google").click();
  const file = () => drop(new File(['{"installed":{"client_id":"a"}}'], "client_secret.json"));
  file();
  await seen("This deletes your registration “Desktop app”");
  await expect.element(button("Cancel")).toHaveFocus();
  await button("Cancel").click();
  await gone(/^This deletes/);
  file();
  await button("Replace it").click();
  await gone(/^This deletes/);
  expect(asked(fake, "register_client_file")).toMatchObject([{ replace: false }, { replace: false }, { replace: true }]);
});

/** As a terminal would: through the hub, not through this window. */
async function beginElsewhere(fake: Fake): Promise<string> {
  const request = { request: "begin_sign_in", integration: "gmail", connection: null, scopes: null, redirect: null } as const;
  await fake.ask(request);
  return last(fake).id;
}
