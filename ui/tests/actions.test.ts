/** Things sent by hand: the forms, the time to take something back, and what becomes of it. */

import { expect, test } from "vitest";
import { page, userEvent } from "vitest/browser";

import type { Request } from "$lib/api/bindings.ts";
import { failure, type Fake } from "$lib/api/fake.ts";

import { button, dialog, element, gone, noDialog, openWindow, PATIENCE, seen } from "./window.ts";

const GMAIL = "Gmail, anna@example.org";
const DRIVE = "Google Drive, anna@example.org";
const TELEGRAM = "Telegram, @sandbox_helper_bot";

async function tryIt(of: string, scenario = "lively", before?: (fake: Fake) => void): Promise<Fake> {
  const fake = await openWindow(scenario, {}, before);
  await button(`Settings of ${of}`).click();
  await page.getByRole("tab", { name: "Try it" }).click();
  return fake;
}

const acts = (fake: Fake) => fake.asked.filter((request): request is Extract<Request, { request: "act" }> => request.request === "act");
const state = () => document.querySelector<HTMLElement>("dialog [data-action]")?.dataset.state;

async function sendTestMail(fake: Fake) {
  await button("Send yourself a test mail").click();
  await seen("Goes out in");
  return fake.life.actions[0]!;
}

test("a test mail goes to oneself, and everything typed goes along", async () => {
  const fake = await tryIt(GMAIL);
  await button("Add Cc and Bcc").click();
  await page.getByLabelText("Cc", { exact: true }).fill('"Berg, Mira" <mira@example.org>, jo@example.org');
  await page.getByLabelText("Subject").fill("Hello");
  await button("Choose files…").click();
  await seen("notes.pdf");
  await page.getByLabelText("Path of a file").fill("/tmp/a b.txt");
  await button("Add").click();
  await button("Send", ).click();
  await seen("Goes out in");
  const [{ action }] = acts(fake) as [Extract<Request, { request: "act" }>];
  expect(action).toMatchObject({
    action: "send_email",
    to: ["anna@example.org"],
    cc: ['"Berg, Mira" <mira@example.org>', "jo@example.org"],
    subject: "Hello",
    attachments: ["/home/anna/notes.pdf", "/tmp/a b.txt"],
  });
});

test("files dropped on the form are attached, those dropped beside it are not", async () => {
  const fake = await tryIt(GMAIL);
  const { x, y } = page.getByRole("group", { name: "Attachments" }).element().getBoundingClientRect();
  fake.drop({ kind: "over", x: x + 20, y: y + 20 });
  fake.drop({ kind: "dropped", x: x + 20, y: y + 20, paths: ["/home/anna/plan.pdf"] });
  fake.drop({ kind: "dropped", x: 1, y: 1, paths: ["/home/anna/other.pdf"] });
  await seen("plan.pdf");
  expect(page.getByText("other.pdf").query()).toBeNull();
});

test("within its time a mail is taken back, and what was written is still there", async () => {
  const fake = await tryIt(GMAIL);
  await page.getByLabelText("Subject").fill("Too early");
  const action = await sendTestMail(fake);
  await button("Undo").click();
  await seen("Taken back. Nothing was sent.");
  expect(action.state.state).toBe("cancelled");
  await button("Edit and send again").click();
  await expect.element(page.getByLabelText("Subject"), PATIENCE).toHaveValue("Too early");
});

test("sent at once it moves on, ends, and leads to what it made", async () => {
  const fake = await tryIt(GMAIL);
  const { id } = await sendTestMail(fake);
  await button("Send now").click();
  await expect.poll(state, PATIENCE).toBe("sending");
  fake.life.finish(id);
  await expect.poll(state, PATIENCE).toBe("sent");
  await button("Open in Gmail").click();
  expect(fake.opened).toEqual([`${id}/0`]);
  await button("Write another").click();
  await expect.element(button("Send yourself a test mail"), PATIENCE).toBeVisible();
});

test("an undo that comes too late says so", async () => {
  const fake = await tryIt(GMAIL);
  await sendTestMail(fake);
  fake.failing.set("cancel_action", failure("too_late", { state: "sent" }));
  await button("Undo").click();
  await seen("That can't be done any more");
});

test("closed while it waits, the undo stays in reach at the bottom of the window", async () => {
  const fake = await tryIt(GMAIL);
  const { id } = await sendTestMail(fake);
  await userEvent.keyboard("{Escape}");
  await noDialog();
  await page.getByRole("region", { name: "Being sent" }).getByRole("button", { name: "Undo" }).click();
  await seen("Taken back. Nothing was sent.");
  expect(fake.life.actions.find((action) => action.id === id)?.state.state).toBe("cancelled");
});

test("what is refused is said at its field", async () => {
  await tryIt(GMAIL);
  await page.getByLabelText("To", { exact: true }).fill("nobody");
  await button("Send").click();
  await seen("One of the addresses has no @ in it.");
  await expect.element(page.getByLabelText("To", { exact: true })).toHaveAttribute("aria-invalid", "true");
});

test("a failure says what happened and what to do next", async () => {
  const fake = await tryIt(GMAIL);
  const { id } = await sendTestMail(fake);
  fake.life.send(id);
  fake.life.fate = { state: "failed", at: new Date().toISOString(), error: failure("file_changed", { file: "/tmp/a" }) };
  fake.life.finish(id);
  await seen("Send it again as it is now.");
});

test.each([
  ["Send again", "it will be there twice", "Send it again anyway", "send_again"],
  ["Leave it", "nobody gets it", "Leave it so", "discard"],
] as const)("an unclear outcome: %s is done only after its risk was read", async (choice, risk, confirm, resolution) => {
  const fake = await tryIt(GMAIL);
  const { id } = await sendTestMail(fake);
  fake.life.send(id);
  const error = failure("outcome_unknown");
  fake.life.fate = { state: "outcome_unknown", at: new Date().toISOString(), asking: false, error };
  fake.life.finish(id);
  await seen("so it may have been sent or not");
  await dialog().getByRole("button", { name: choice }).click();
  await seen(risk);
  expect(fake.asked.some(({ request }) => request === "resolve_action")).toBe(false);
  await dialog().getByRole("button", { name: confirm }).click();
  await gone(risk);
  expect(fake.asked.at(-1)).toEqual({ request: "resolve_action", id, resolution });
});

test("while the service can still be asked, nobody has to decide", async () => {
  const fake = await tryIt(GMAIL);
  const { id } = await sendTestMail(fake);
  fake.life.move(id, { state: "outcome_unknown", at: new Date().toISOString(), asking: true, error: failure("outcome_unknown") });
  await seen("Gmail is being asked what became of it.");
  expect(dialog().getByRole("button", { name: "Send again" }).query()).toBeNull();
});

test("asking again after a lost answer uses the same id", async () => {
  const fake = await tryIt(GMAIL);
  fake.failing.set("act", failure("hub_unreachable"));
  await button("Send yourself a test mail").click();
  await seen("Autopilot isn't running");
  fake.failing.delete("act");
  await sendTestMail(fake);
  const [first, second] = acts(fake);
  expect(second?.id).toBe(first?.id);
});

test("mail is searched, paged and read; its formatted part can run nothing", async () => {
  const fake = await tryIt(GMAIL);
  await page.getByText("Look at mail").click();
  await seen("Notes from Tuesday");
  await button("Show more").click();
  await seen("(no sender)");
  await page.getByLabelText("Search mail").fill("garden");
  await button("Search").click();
  await gone("Notes from Tuesday");
  await page.getByText("Photos of the garden").click();
  await seen("garden.zip");
  await page.getByLabelText("Save in").fill("/home/anna/Mail");
  await button("Save attachments").click();
  await seen("Saved as /home/anna/Mail/garden.zip");
  expect(fake.asked.at(-1)).toMatchObject({ request: "read_email", save_attachments_to: "/home/anna/Mail" });
  await button("Back to the list").click();
  await page.getByLabelText("Search mail").fill("");
  await button("Search").click();
  await page.getByText("Notes from Tuesday").click();
  await page.getByText("Formatted").click();
  await expect.poll(() => document.querySelector("iframe")?.getAttribute("sandbox"), PATIENCE).toBe("");
  expect(element("iframe").getAttribute("srcdoc")).toContain("<b>by Friday</b>");
});

test("an upload shows its progress and can be stopped", async () => {
  const fake = await tryIt(DRIVE);
  await button("Choose files…").click();
  await button("Upload").click();
  await expect.poll(() => state(), PATIENCE).toBe("sending");
  const { id, outline } = fake.life.actions[0]!;
  fake.life.progress(id, outline.bytes / 2);
  await seen("12 MB of 24 MB");
  await expect.element(page.getByRole("progressbar").first()).toHaveAttribute("aria-valuenow", "50");
  await button("Stop").click();
  await seen("Stopped.");
});

test("files are looked through by folder and name, and brought to a chosen folder", async () => {
  const fake = await tryIt(DRIVE);
  await seen("Workshop plan.pdf");
  await button("Download Workshop plan.pdf").click();
  await expect.element(page.getByLabelText("Downloads go to"), PATIENCE).toHaveValue("/home/anna/Downloads");
  await button("Download Workshop plan.pdf").click();
  await seen("Saved as /home/anna/Downloads/Workshop plan.pdf");
  await button("Open Invoices").click();
  await gone("Workshop plan.pdf");
  expect(fake.asked.findLast(({ request }) => request === "list_files")).toMatchObject({ query: { folder: "file-1" } });
  await button("Back").click();
  await page.getByLabelText("Name contains").fill("budget");
  await button("Search").click();
  await gone("Workshop plan.pdf");
  await seen("budget-2027.xlsx");
});

test("a message goes to the chosen chat, formatted when asked for", async () => {
  const fake = await tryIt(TELEGRAM);
  await page.getByLabelText("Chat", { exact: true }).selectOptions("Workshop (group)");
  await page.getByLabelText("Message", { exact: true }).fill("**Now**");
  await page.getByLabelText("Formatted").click();
  await button("Send").click();
  await seen("Goes out in");
  expect(acts(fake)[0]?.action).toMatchObject({ action: "send_message", chat: "-10077", text: "**Now**", format: "markdown" });
});

test("a chat becomes known by a link that works once", async () => {
  const fake = await tryIt(TELEGRAM, "lively", (before) => void (before.life.chats = []));
  await seen("No chat is known yet");
  await button("Make a chat known").click();
  await seen("Waiting for somebody to open it");
  expect(element("img[alt^='The link']").getAttribute("src")).toMatch(/^data:image\/svg\+xml,/);
  await page.getByText("A group").click();
  await seen("startgroup=");
  const id = fake.world.connections[2]!.id;
  const chat = { id: "77", kind: "person" as const, title: "Mira", handle: null, known_since: new Date().toISOString() };
  fake.life.claim(id, { state: "claimed", chat });
  await seen("Mira is known now");
  await button("Done").first().click();
  await expect.element(page.getByLabelText("Chat", { exact: true }), PATIENCE).toHaveValue("77");
});

test.each([
  [{ state: "expired" } as const, "Nobody opened the link in time."],
  [{ state: "failed", error: failure("listened_elsewhere", { who: "a webhook" }) } as const, "Stop the other program (a webhook)"],
])("a claim that is over says why and offers a new link", async (end, words) => {
  const fake = await tryIt(TELEGRAM);
  await button("Another chat…").click();
  await seen("Waiting for somebody to open it");
  fake.life.claim(fake.world.connections[2]!.id, end);
  await seen(words);
  await button("New link").click();
  await seen("Waiting for somebody to open it");
});

test("closing the claim ends its link", async () => {
  const fake = await tryIt(TELEGRAM);
  await button("Another chat…").click();
  await seen("Waiting for somebody to open it");
  await button("Cancel").click();
  await gone("Waiting for somebody to open it");
  expect(fake.asked.some(({ request }) => request === "cancel_claim")).toBe(true);
});
