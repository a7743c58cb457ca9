/** Words and times: every status and error can be told, and the interface's own messages are all there and all used. */

import { expect, test } from "vitest";

import { EVERY_STATUS } from "$lib/api/fake_world.ts";
import { missingScopes, needsPerson, provenAt, remedyOf, toneOf, wordOf } from "$lib/status.ts";
import { strengthOf } from "$lib/passphrase.ts";
import type { Effect, LedgerEntry, Rule } from "$lib/api/bindings.ts";
import { dayWords, percent, span } from "$lib/health.ts";
import { asCsv } from "$lib/ledger_words.ts";
import { ruleSentence } from "$lib/rule_words.ts";
import { say, tellError, tellStatus } from "$lib/texts.ts";
import { ago, remaining, shortly } from "$lib/time.ts";
import { chartOf, lastDays } from "$lib/usage.ts";
import { addresses, duration, fileName, folderOf, size } from "$lib/words.ts";
import de from "$messages/de.json";
import en from "$messages/en.json";

import bindings from "$lib/api/bindings.ts?raw";

import capabilities from "../../crates/model/src/capability.rs?raw";

const SOURCES = import.meta.glob<string>("../src/**/*.{ts,svelte}", { query: "?raw", import: "default", eager: true });

/** Messages chosen by a name that is put together. */
const COMPOSED = ["ui_can_", "ui_do_", "ui_test_step_", "ui_test_state_", "ui_strength_", "ui_language_", "ui_result_", "ui_moving_fate_", "ui_moving_client_"];

/** A plural form is used where its message is. */
const FORM = /_(zero|one|two|few|many)$/;

test("placeholders are filled once, and an argument cannot smuggle one in", () => {
  expect(say("error_wrong_account_sentence", { actual: "{expected}", expected: "anna" })).toBe(
    "You signed in as {expected}, but this connection is anna.",
  );
});

test("an unknown message shows its key rather than nothing", () => {
  expect(say("ui_no_such_thing")).toBe("ui_no_such_thing");
});

test.each(EVERY_STATUS)("a connection that is $kind says so in a sentence, with a next step and a word", (status) => {
  const { sentence, next } = tellStatus(status, "Gmail", "anna@example.org");
  for (const words of [sentence, next, wordOf(status)]) {
    expect(words).not.toMatch(/^(status|ui)_|[{}]/);
    expect(words).not.toBe("");
  }
  expect(toneOf(status)).toMatch(/good|warn|bad|idle/);
});

test("an error keeps its own names over those around it", () => {
  const error = { code: "service_down" as const, args: { service: "Drive" }, retry_after_s: null, detail: null };
  expect(tellError(error, { service: "Gmail" }).sentence).toContain("Drive");
});

test("only what the person alone can mend counts as needing them", () => {
  expect(EVERY_STATUS.filter(needsPerson).map(({ kind }) => kind)).toEqual([
    "needs_sign_in",
    "refused",
    "vault_locked",
    "no_keychain",
    "not_configured",
  ]);
});

test("a missing permission is mended by signing in, not by testing again", () => {
  expect(remedyOf({ kind: "refused", reason: "permission_missing", since: "2026-01-01T00:00:00Z" })).toBe("sign_in");
});

test("the badge shows the later of the two moments a call succeeded", () => {
  const at = (proven_at: string, own: string | null) =>
    provenAt({ status: { kind: "connected", proven_at }, proven_at: own } as Parameters<typeof provenAt>[0]);
  expect(at("2026-01-01T00:00:00Z", "2026-01-01T00:00:05Z")).toBe("2026-01-01T00:00:05Z");
  expect(at("2026-01-01T00:00:09Z", "2026-01-01T00:00:05Z")).toBe("2026-01-01T00:00:09Z");
  expect(at("2026-01-01T00:00:09Z", null)).toBe("2026-01-01T00:00:09Z");
});

test("permissions that were left out are known", () => {
  const scopes = [
    { scope: "a", title: "A", granted: true },
    { scope: "b", title: "B", granted: false },
  ];
  expect(missingScopes({ scopes } as Parameters<typeof missingScopes>[0]).map(({ scope }) => scope)).toEqual(["b"]);
});

test("times are told in the largest unit that fits", () => {
  const now = Date.parse("2026-05-10T12:00:00Z");
  const before = (seconds: number) => ago(new Date(now - seconds * 1000).toISOString(), now);
  expect([before(-5), before(12), before(185), before(7300), before(200_000)]).toEqual([
    "just now",
    "12 s ago",
    "3 min ago",
    "2 h ago",
    "2 d ago",
  ]);
});

test("a countdown stops at nought", () => {
  const now = Date.parse("2026-05-10T12:00:00Z");
  expect(remaining("2026-05-10T12:09:41Z", now)).toBe("9:41");
  expect(remaining("2026-05-10T11:00:00Z", now)).toBe("0:00");
});

test("days are named from here: today, yesterday, the date", () => {
  const now = new Date(2026, 4, 10, 12).getTime();
  const at = (day: number) => shortly(new Date(2026, 4, day, 9, 5).toISOString(), now);
  expect([at(10), at(9), at(1)]).toEqual(["today, 09:05", "yesterday, 09:05", "1 May, 09:05"]);
});

test("a passphrase is judged by length and variety", () => {
  expect(["", "aaaaaaaaaaaaaaaa", "short1", "twelve chars", "correct horse battery"].map(strengthOf)).toEqual([
    "empty",
    "short",
    "short",
    "fair",
    "good",
  ]);
});

test("sizes and durations keep to three figures", () => {
  expect([0, 999, 1000, 48_213, 214_000_000, 999_600].map(size)).toEqual(["0 B", "999 B", "1 kB", "48.2 kB", "214 MB", "1 MB"]);
  expect([87.4, 999, 1240].map(duration)).toEqual(["87 ms", "999 ms", "1.2 s"]);
});

test("paths of either kind end in a name", () => {
  expect(["/home/anna/a b.txt", "C:\\Users\\anna\\b.pdf", "/"].map(fileName)).toEqual(["a b.txt", "b.pdf", "/"]);
  expect(["/home/anna/a.txt", "/a.txt"].map(folderOf)).toEqual(["/home/anna", "/"]);
});

test("addresses are told apart, and a comma inside a name is none", () => {
  expect(addresses('"Berg, Mira" <m@example.org>; jo@example.org,\n ada@example.org ,')).toEqual([
    '"Berg, Mira" <m@example.org>',
    "jo@example.org",
    "ada@example.org",
  ]);
});

test("a rule for some recipients says whether all must be among them, or one is enough", () => {
  const limits = { recipients: ["ben@example.org"], per_day: null, folders: [] };
  const told = (effect: Effect) => ruleSentence({ connection: null, capability: "mail.send", effect, limits } satisfies Rule, []);
  expect(told("allow")).toBe("It may send mail through any connection. This is about ben@example.org alone.");
  for (const effect of ["ask", "deny"] as const) {
    expect(told(effect)).toContain("This is about whatever goes to ben@example.org, even if others get it too.");
  }
});

test("an exported cell can't become a formula, nor break its row", () => {
  const entry = {
    seq: 1, at: "2026-11-26T00:00:00Z", kind: "call", caller: { kind: "workflow", name: 'a "b", c' }, connection: null,
    integration: "telegram", account: "=SUM(A1)", capability: null, action: null, result: "ok", calls: 1, errors: 0,
    millis: 3, bytes_out: 0, bytes_in: 0,
  } satisfies LedgerEntry;
  const [, row] = asCsv([entry]).split("\r\n");
  expect(row).toBe(`1,2026-11-26T00:00:00Z,call,"a ""b"", c (workflow)",telegram,'=SUM(A1),,,ok,1,0,3,0,0`);
});

test("a share is never rounded up to all", () => {
  expect([1, 0.999999, 0.9834, 0.5].map(percent)).toEqual(["100 %", "99.99 %", "98.3 %", "50 %"]);
  expect([40, 720, 3600, 30_000].map(span)).toEqual(["40 s", "12 min", "1 h", "8 h 20 min"]);
});

test("a day says what was wrong, that nothing was, or that nobody looked", () => {
  const day = { day: "2026-11-26", up_s: 0, unreachable_s: 0, needs_person_s: 0, paused_s: 0, unknown_s: 0 };
  expect(dayWords({ ...day, up_s: 86_400 })).toBe("26 November: worked all the time it was watched");
  expect(dayWords(day)).toBe("26 November: not watched");
  expect(dayWords({ ...day, up_s: 1, unreachable_s: 60, needs_person_s: 3600 })).toBe(
    "26 November: unreachable for 1 min, needed you for 1 h",
  );
});

test("figures are added up by day, and days without a call have no latency", () => {
  const now = new Date(2026, 10, 26, 9).getTime();
  const days = lastDays(3, now);
  expect(days).toEqual(["2026-11-24", "2026-11-25", "2026-11-26"]);
  const row = { day: "2026-11-25", connection: "c", account: "a", integration: "gmail", errors: 1, bytes_out: 5, bytes_in: 6 };
  const rows = [
    { ...row, caller: { kind: "window" as const }, calls: 2, millis: 300 },
    { ...row, caller: null, calls: 1, millis: 60 },
    { ...row, day: "2026-10-01", caller: null, calls: 9, millis: 9 },
  ];
  const name = () => "Gmail";
  const calls = chartOf(rows, days, "connection", "calls", name);
  expect(calls.series.map(({ name, values }) => [name, values])).toEqual([["Gmail", [0, 3, 0]]]);
  expect(calls.errors?.values).toEqual([0, 2, 0]);
  expect(chartOf(rows, days, "connection", "latency", name).series[0]?.values).toEqual([null, 120, null]);
  expect(chartOf(rows, days, "caller", "bytes", name).series.map(({ total }) => total)).toEqual([11, 11]);
});

test("everything a connection can do has words, and no words are left of what it once could", () => {
  const wired = [...capabilities.matchAll(/#\[serde\(rename = "([^"]+)"\)\]/g)].map(([, name]) => name!);
  expect(wired).toContain("mail.send");
  for (const stem of ["ui_can_", "ui_do_"]) {
    const spoken = Object.keys(en).filter((key) => key.startsWith(stem));
    expect(spoken.sort()).toEqual(wired.map((name) => stem + name.replace(".", "_")).sort());
  }
});

test("every result of the history has a word: of an error, of a status, of a write", () => {
  const codes = /export type ErrorCode = (.*);/.exec(bindings)?.[1] ?? "";
  const states = [.../(?:state|kind)": "(\w+)"/g[Symbol.matchAll](bindings.replace(/[^]*export type Status =/, "").split(";")[0] ?? "")];
  const results = [...codes.matchAll(/"(\w+)"/g), ...states].map(([, name]) => name!);
  expect(results).toContain("rate_limited");
  expect(results).toContain("needs_sign_in");
  expect(results.filter((name) => !(`ui_result_${name}` in en))).toEqual([]);
});

test.each([
  ["English", en, /keychain/i, /passphrase file/],
  ["German", de, /schlüsselbund/i, /passphrasendatei/i],
])("in %s only what is about a keychain itself names it alone: sign-ins may rest in a passphrase file", (_, messages, keychain, file) => {
  const itself = /keychain|ui_vault_(none|file_leaves)|ui_welcome_vault_choose|ui_to_file_help/;
  const alone = Object.entries(messages).filter(([, words]) => keychain.test(words) && !file.test(words));
  expect(alone.map(([key]) => key).filter((key) => !itself.test(key))).toEqual([]);
});

test.each([en, de])("who has to use the window is sent to what the menu says there", (messages) => {
  const { error_window_needed_next: next, ui_settings: menu, ui_moving_title: item } = messages;
  expect(next.endsWith(`: ${menu}, ${messages === en ? "then" : "dann"} ${item}.`)).toBe(true);
});

test("every message of the interface is used somewhere", () => {
  const source = Object.values(SOURCES).join("\n");
  const unused = Object.keys(en)
    .filter((key) => key.startsWith("ui_"))
    .filter((key) => !COMPOSED.some((stem) => key.startsWith(stem)) && !source.includes(`"${key.replace(FORM, "")}"`));
  expect(unused).toEqual([]);
});

test("no view names a colour of its own", () => {
  const strangers = Object.entries(SOURCES)
    .filter(([path, source]) => path.endsWith(".svelte") && /#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(/i.test(source))
    .map(([path]) => path);
  expect(strangers).toEqual([]);
});

test("no view names a folder that only one system has", () => {
  const strangers = Object.entries(SOURCES)
    .filter(([path, source]) => path.endsWith(".svelte") && /\/home\/|\/Users\/|[A-Z]:\\/.test(source))
    .map(([path]) => path);
  expect(strangers).toEqual([]);
});

test("one file alone knows the shell", () => {
  const knowing = Object.entries(SOURCES)
    .filter(([, source]) => source.includes("@tauri-apps"))
    .map(([path]) => path);
  expect(knowing).toEqual(["../src/lib/api/tauri.ts"]);
});
