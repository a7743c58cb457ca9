/** What waits for a person: shown whole and undisguised, decided on purpose alone, and never lost by looking away. */

import { afterEach, expect, test, vi } from "vitest";
import { page, userEvent } from "vitest/browser";

import type { Request } from "$lib/api/bindings.ts";
import { failure, type Fake } from "$lib/api/fake.ts";
import { CLAUDE, letter } from "$lib/api/fake_callers.ts";
import { SEEN_MS } from "$lib/state/guard.svelte.ts";
import { hides, mixesAlphabets, pieces, shown } from "$lib/visible.ts";

import { button, dialog, element, gone, noDialog, openWindow, PATIENCE, seen } from "./window.ts";

afterEach(() => void vi.useRealTimers());

const decisions = (fake: Fake) =>
  fake.asked.filter((request): request is Extract<Request, { request: "decide" }> => request.request === "decide");
const approve = () => button("Approve once");
const usable = (name: string) => expect.element(button(name), PATIENCE).toBeEnabled();
const inDialog = (words: string) => expect.element(dialog(), PATIENCE).toHaveTextContent(words);
const mailbox = (fake: Fake) => fake.world.connections[0]!;

/** Within the next frames; `vi.waitFor` would move the clock that stands still here. */
async function drawn(check: () => void): Promise<void> {
  for (let frames = 0; frames < 120; frames += 1) {
    try {
      return check();
    } catch {
      await new Promise((done) => requestAnimationFrame(done));
    }
  }
  check();
}

async function asked(content = letter(), more: Parameters<Fake["policy"]["ask"]>[2] = {}): Promise<Fake> {
  const fake = await openWindow("agents");
  await seen("All 3 accounts are connected.");
  fake.policy.ask(mailbox(fake), content, more);
  await inDialog("Send this mail?");
  return fake;
}

test("what comes in is shown by itself, whole: who, why, from where, to whom, what", async () => {
  await asked(
    letter({
      to: ["mira@studio.example", "jonas@example.org"],
      cc: ["copy@example.org"],
      bcc: ["hidden@example.org"],
      subject: "The lease",
      text: "First line\nSecond line",
      attachments: ["/home/anna/Documents/lease.pdf"],
    }),
    { because: "outside_text", files: [{ path: "/home/anna/Documents/lease.pdf", name: "lease.pdf", size: 48_213 }] },
  );
  for (const words of [
    "claude", "agent", "/home/anna/.local/share/claude/versions/2.1.14/claude", "Calls itself claude-code 2.1.14 (not checked)",
    "This agent has read text from outside", "may have told it to do this",
    "Gmail, anna@example.org", "mira@studio.example", "jonas@example.org", "copy@example.org", "hidden@example.org",
    "The lease", "First line\nSecond line", "lease.pdf", "/home/anna/Documents", "48.2 kB", "then it is dropped",
  ]) {
    expect(dialog().element().textContent).toContain(words);
  }
});

test("however many get it, all of them are there", async () => {
  const to = Array.from({ length: 340 }, (_, index) => `person${index}@example.org`);
  await asked(letter({ to }));
  await inDialog("340 in all");
  const names = [...document.querySelectorAll("dialog dd li")].map((one) => one.textContent.trim());
  expect(to.filter((one) => !names.includes(one))).toEqual([]);
  const scroller = element("dialog [role=group][aria-label=To]");
  expect(scroller.scrollHeight).toBeGreaterThan(scroller.clientHeight);
});

test("nothing can be decided before it has been seen for a moment", async () => {
  const fake = await openWindow("agents");
  await seen("All 3 accounts are connected.");
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  fake.policy.ask(mailbox(fake));
  await drawn(() => expect(document.querySelector("dialog")).not.toBeNull());
  const buttons = () => ["Approve once", "Always for this recipient…", "Deny"].map((name) => (button(name).element() as HTMLButtonElement).disabled);
  expect(buttons()).toEqual([true, true, true]);
  vi.advanceTimersByTime(SEEN_MS - 1);
  await Promise.resolve();
  expect(buttons()).toEqual([true, true, true]);
  (approve().element() as HTMLButtonElement).click();
  vi.advanceTimersByTime(1);
  await drawn(() => expect(buttons()).toEqual([false, false, false]));
  // The person goes to another window and clicks back into this one.
  vi.spyOn(document, "hasFocus").mockReturnValue(false);
  window.dispatchEvent(new Event("blur"));
  window.dispatchEvent(new Event("focus"));
  await drawn(() => expect(buttons()).toEqual([true, true, true]));
  vi.mocked(document.hasFocus).mockRestore();
  vi.advanceTimersByTime(SEEN_MS);
  await drawn(() => expect(buttons()).toEqual([false, false, false]));
  expect(decisions(fake)).toEqual([]);
});

test("Enter approves nothing, wherever the focus is; the space bar on the button does", async () => {
  const fake = await asked();
  await usable("Approve once");
  expect(document.activeElement?.tagName).toBe("H2");
  await userEvent.keyboard("{Enter}");
  for (const name of ["Always for this recipient…", "Approve once"]) {
    (button(name).element() as HTMLElement).focus();
    await userEvent.keyboard("{Enter}");
  }
  expect(decisions(fake)).toEqual([]);
  await expect.element(approve()).toBeVisible();
  await userEvent.keyboard(" ");
  await noDialog();
  expect(decisions(fake)).toMatchObject([{ decision: "once" }]);
});

test("Escape leaves it waiting: a banner leads back, and nothing was said", async () => {
  const fake = await asked();
  await userEvent.keyboard("{Escape}");
  await noDialog();
  await seen("One thing waits for your approval.");
  expect(decisions(fake)).toEqual([]);
  await button("Look at it").click();
  await inDialog("Send this mail?");
  await button("Decide later").click();
  await noDialog();
  expect(fake.life.actions[0]?.state.state).toBe("awaiting_approval");
});

test("what was put off stays away; only what is new comes by itself", async () => {
  const fake = await asked(letter({ subject: "First" }));
  await button("Decide later").click();
  await noDialog();
  fake.emit({ event: "action", action: fake.life.actions[0]! });
  expect(document.querySelector("dialog")).toBeNull();
  fake.policy.ask(mailbox(fake), letter({ subject: "Second" }));
  await inDialog("Second");
  await inDialog("2 of 2");
});

test("denied is told to the hub, and the next comes up, shut again for a moment", async () => {
  const fake = await openWindow("approvals");
  await inDialog("1 of 3");
  await usable("Deny");
  const { id } = fake.life.actions.findLast(({ state }) => state.state === "awaiting_approval")!;
  await button("Deny").click();
  await inDialog("Upload these files?");
  expect(decisions(fake)).toEqual([{ request: "decide", id, decision: "deny" }]);
  await inDialog("1 of 2");
  await inDialog("The top of Google Drive");
  expect(button("Always for this recipient…").query()).toBeNull();
  await button("Next").click();
  await inDialog("Workshop (group)");
  await inDialog("-10077");
  await inDialog("The room is booked for *Friday*.");
  // A workflow's file can change.
  expect(button("Always for this chat…").query()).toBeNull();
});

test("always says what it means before it is done", async () => {
  const fake = await asked(letter({ to: ["a@example.org", "b@example.org"] }));
  await usable("Always for these recipients…");
  await button("Always for these recipients…").click();
  await inDialog("From now on claude may write to these 2 recipients through anna@example.org without asking you.");
  await inDialog("after it has read text from outside as well");
  expect(decisions(fake)).toEqual([]);
  await usable("Always allow, and send");
  await button("Always allow, and send").click();
  await noDialog();
  expect(decisions(fake)).toMatchObject([{ decision: "always" }]);
  expect(fake.policy.find(CLAUDE).rules.at(-1)?.limits.recipients).toEqual(["a@example.org", "b@example.org"]);
});

test("a decision that comes too late says so", async () => {
  const fake = await asked();
  fake.failing.set("decide", failure("too_late", { state: "expired" }));
  await usable("Approve once");
  await approve().click();
  await seen("That can't be done any more");
});

test("taken back while it is looked at, it goes, and that is said", async () => {
  const fake = await asked();
  fake.life.move(fake.life.actions[0]!.id, { state: "cancelled", at: new Date().toISOString() });
  await noDialog();
  await seen("What was shown no longer waits");
});

test("when its time is over it can't be approved any more", async () => {
  const fake = await asked();
  await usable("Approve once");
  const action = fake.life.actions[0]!;
  if (action.state.state === "awaiting_approval") action.state.expires = new Date(Date.now() - 1000).toISOString();
  fake.emit({ event: "action", action });
  await inDialog("Its time is over");
  await expect.element(approve()).toBeDisabled();
});

test("formatted mail runs and fetches nothing, and its source and plain version are there to be read", async () => {
  await asked(letter({ text: "Plain words", html: `<p>Formatted <b>words</b></p><img src="https://tracker.example/x.png"><script>top.stolen = 1</script>` }));
  await inDialog("they can say different things");
  const frame = element("dialog iframe");
  expect(frame.getAttribute("sandbox")).toBe("");
  expect(frame.getAttribute("srcdoc")).toMatch(/^<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src 'none'/);
  expect(document.querySelector("dialog b, dialog img[src^=http]")).toBeNull();
  await page.getByText("Source").click();
  await inDialog("<p>Formatted <b>words</b></p>");
  await dialog().getByText("Plain text").click();
  await inDialog("Plain words");
  expect("stolen" in window).toBe(false);
});

test("characters that hide or turn others around are seen, and warned of", async () => {
  await asked(letter({ to: ["anna@exam\u200Bple.org"], subject: "Invoice \u202Efdp.exe", text: "fine\ttext\n👩‍💻" }));
  await inDialog("There are characters in it that don't show by themselves.");
  const marks = [...document.querySelectorAll("dialog .mark")].map((mark) => mark.textContent);
  expect(marks).toEqual(["U+200B", "U+202E"]);
});

test("text is cut into what shows and what doesn't", () => {
  const marked = (text: string, several = false) => pieces(text, several).filter(({ mark }) => mark).map(({ text: name }) => name);
  expect(marked("a\u0000b\u2066c\u{E0041}d")).toEqual(["U+0000", "U+2066", "U+E0041"]);
  expect(marked("line\nline")).toEqual(["U+000A"]);
  expect(marked("line\r\nline\tend", true)).toEqual([]);
  expect(marked("shown\rhidden", true)).toEqual(["U+000D"]);
  expect(marked("👩‍💻 ❤️ नमस्ते क्‍ष")).toEqual([]);
  expect(marked("pay\u200Dpal")).toEqual(["U+200D"]);
  expect(marked("\u200B\u200B\u200B")).toEqual(["U+200B ×3"]);
  expect(pieces("\u200B\u200C".repeat(9000)).length).toBeLessThan(2100);
  expect(shown("a\u202Eb")).toBe("a[U+202E]b");
  expect(hides("plain, 日本語, עברית")).toBe(false);
  expect([mixesAlphabets("p\u0430ypal.com"), mixesAlphabets("почта@example.org")]).toEqual([true, false]);
});

test("it doesn't push aside what is being typed, but a notification leads to it at once", async () => {
  const fake = await openWindow("agents");
  await button("Settings of Gmail, anna@example.org").click();
  await page.getByRole("tab", { name: "Try it" }).click();
  await page.getByLabelText("Subject").fill("Half a thought");
  fake.policy.ask(mailbox(fake));
  await new Promise((done) => setTimeout(done, 100));
  expect(document.querySelectorAll("dialog")).toHaveLength(1);
  fake.emit({ event: "open", target: { place: "approvals" } });
  await seen("Send this mail?");
  await button("Decide later").click();
  await gone("Send this mail?");
  await expect.element(page.getByLabelText("Subject")).toHaveValue("Half a thought");
});

test("the activity names both states, can be narrowed to them, and leads to the decision", async () => {
  const fake = await openWindow("approvals");
  await usable("Deny");
  await button("Deny").click();
  await inDialog("Upload these files?");
  await userEvent.keyboard("{Escape}");
  await noDialog();
  await button("Activity").click();
  await seen("It waits for you to look at it.");
  await page.getByLabelText("Where it stands").selectOptions("Denied");
  await expect.poll(() => document.querySelectorAll("[data-row]").length, PATIENCE).toBe(1);
  await page.getByLabelText("Where it stands").selectOptions("Waits for you");
  await expect.poll(() => document.querySelectorAll("[data-row]").length, PATIENCE).toBe(2);
  const message = fake.life.actions.find(({ capability, state }) => capability === "message.send" && state.state === "awaiting_approval")!;
  (element(`[data-row=${message.id}] button`) as HTMLButtonElement).click();
  await inDialog("Send this message?");
});
