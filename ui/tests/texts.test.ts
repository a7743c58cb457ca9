/** Words and times: every status and error can be told, and the interface's own messages are all there and all used. */

import { expect, test } from "vitest";

import { EVERY_STATUS } from "$lib/api/fake_world.ts";
import { missingScopes, needsPerson, provenAt, remedyOf, toneOf, wordOf } from "$lib/status.ts";
import { strengthOf } from "$lib/passphrase.ts";
import { say, tellError, tellStatus } from "$lib/texts.ts";
import { ago, remaining, shortly } from "$lib/time.ts";
import en from "$messages/en.json";

import capabilities from "../../crates/model/src/capability.rs?raw";

const SOURCES = import.meta.glob<string>("../src/**/*.{ts,svelte}", { query: "?raw", import: "default", eager: true });

/** Messages chosen by a name that is put together. */
const COMPOSED = ["ui_can_", "ui_test_step_", "ui_test_state_", "ui_strength_"];

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

test("everything a connection can do has words, and no words are left of what it once could", () => {
  const wired = [...capabilities.matchAll(/#\[serde\(rename = "([^"]+)"\)\]/g)].map(([, name]) => name!);
  expect(wired).toContain("mail.send");
  const spoken = Object.keys(en).filter((key) => key.startsWith("ui_can_"));
  expect(spoken.sort()).toEqual(wired.map((name) => `ui_can_${name.replace(".", "_")}`).sort());
});

test("every message of the interface is used somewhere", () => {
  const source = Object.values(SOURCES).join("\n");
  const unused = Object.keys(en)
    .filter((key) => key.startsWith("ui_"))
    .filter((key) => !COMPOSED.some((stem) => key.startsWith(stem)) && !source.includes(`"${key}"`));
  expect(unused).toEqual([]);
});

test("no view names a colour of its own", () => {
  const strangers = Object.entries(SOURCES)
    .filter(([path, source]) => path.endsWith(".svelte") && /#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(/i.test(source))
    .map(([path]) => path);
  expect(strangers).toEqual([]);
});

test("one file alone knows the shell", () => {
  const knowing = Object.entries(SOURCES)
    .filter(([, source]) => source.includes("@tauri-apps"))
    .map(([path]) => path);
  expect(knowing).toEqual(["../src/lib/api/tauri.ts"]);
});
