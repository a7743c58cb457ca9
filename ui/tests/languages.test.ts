/** Languages: all files say the same things, each in its own forms, and the window speaks the one that is wished. */

import { afterEach, expect, test } from "vitest";
import { page } from "vitest/browser";

import { LANGUAGES, localeOf, spokenOf } from "$lib/languages.ts";
import { span } from "$lib/health.ts";
import { language } from "$lib/state/language.svelte.ts";
import { plural, t } from "$lib/texts.ts";
import { ago, exactly, shortly } from "$lib/time.ts";
import { dayName } from "$lib/usage.ts";
import { count, duration, size } from "$lib/words.ts";

import { button, openWindow, seen } from "./window.ts";

/** As they are on disk: what the engine alone says belongs to a language as well. */
const FILES = import.meta.glob<string>("../../messages/*.json", { query: "?raw", import: "default", eager: true });
const fileOf = (name: string) => JSON.parse(FILES[`../../messages/${name}.json`]!) as Record<string, string>;
const ENGLISH = fileOf("en");

const FORM = /_(zero|one|two|few|many)$/;
const isForm = (key: string) => FORM.test(key) && key.replace(FORM, "") in ENGLISH;
const holes = (message: string) => [...message.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name!).sort();

afterEach(async () => {
  localStorage.clear();
  delete document.documentElement.dataset.theme;
  await language.choose("system");
  await page.viewport(1180, 760);
});

test("every message file is a language of the window, and the other way round", () => {
  const files = Object.keys(FILES).map((path) => path.replace(/.*\/|\.json$/g, ""));
  expect(files.sort()).toEqual([...LANGUAGES].sort());
});

test.each(LANGUAGES)("%s has every message, no other, and each takes the same arguments", (name) => {
  const own = fileOf(name);
  const whole = (messages: Record<string, string>) => Object.keys(messages).filter((key) => !isForm(key)).sort();
  expect(whole(own)).toEqual(whole(ENGLISH));
  for (const key of whole(own)) expect([key, holes(own[key]!)]).toEqual([key, holes(ENGLISH[key]!)]);
  expect(Object.entries(own).filter(([, message]) => message.trim() === "")).toEqual([]);
});

test.each(LANGUAGES)("%s has the plural forms its rules ask for, which may leave the count unsaid", (name) => {
  const own = fileOf(name);
  const asked = new Intl.PluralRules(name).resolvedOptions().pluralCategories.filter((form) => form !== "other");
  const counting = [...new Set(Object.keys(ENGLISH).filter(isForm).map((key) => key.replace(FORM, "")))];
  expect(counting.length).toBeGreaterThan(10);
  expect(Object.keys(own).filter(isForm).sort()).toEqual(counting.flatMap((key) => asked.map((form) => `${key}_${form}`)).sort());
  const others = (message: string) => holes(message).filter((hole) => hole !== "count");
  for (const key of counting) {
    expect(holes(own[key]!)).toContain("count");
    for (const form of asked) expect([key, others(own[`${key}_${form}`]!)]).toEqual([key, others(own[key]!)]);
  }
});

test("German is polite, and says nothing in English by oversight", () => {
  const german = fileOf("de");
  const spoken = Object.entries(german).filter(([key]) => !key.startsWith("mcp_"));
  expect(spoken.filter(([, message]) => /\b(du|dich|dir|dein\w*)\b/i.test(message))).toEqual([]);
  expect(spoken.filter(([, message]) => /\b(the|and|is|your|with|isn't)\b/.test(message) && !/\bis:/.test(message))).toEqual([]);
});

test("one thing has one spelling in German, and two places one goes to have two names", () => {
  const german = fileOf("de");
  expect(Object.values(german).filter((message) => message.includes("Passphrasen-"))).toEqual([]);
  expect(german.ui_doctor_title).not.toBe(german.ui_part_diagnostics);
});

test("the system's languages are tried in their order, then English is spoken", () => {
  expect(spokenOf(["de-AT", "en"])).toBe("de");
  expect(spokenOf(["fr-FR", "de", "en"])).toBe("de");
  expect(spokenOf(["fr"])).toBe("en");
  expect(spokenOf(["C"])).toBe("en");
  expect(spokenOf([])).toBe("en");
});

test("dates and numbers follow the system's own region where it has one of that language", () => {
  expect(localeOf("de", ["de-AT", "en"])).toBe("de-AT");
  expect(localeOf("de", ["en-US"])).toBe("de-DE");
  expect(localeOf("en", ["C"])).toBe("en-GB");
});

test("times, numbers, sizes and counts are said as the language says them", async () => {
  await language.choose("de");
  const now = new Date(2026, 4, 10, 12).getTime();
  const at = (day: number) => shortly(new Date(2026, 4, day, 9, 5).toISOString(), now);
  expect([at(10), at(9), at(1)]).toEqual(["heute, 09:05", "gestern, 09:05", "1. Mai, 09:05"]);
  const before = (hours: number) => ago(new Date(now - hours * 3_600_000).toISOString(), now);
  expect([before(2), before(25), before(60)]).toEqual(["vor 2 h", "vor 1 Tag", "vor 2 Tagen"]);
  expect(exactly(new Date(2026, 4, 10, 9, 5).toISOString())).toMatch(/^Sonntag, 10\. Mai 2026/);
  expect([dayName("2026-03-01"), dayName("2026-03-01", "short")]).toEqual(["1. März", "1. März"]);
  expect([count(12_345), size(48_213), duration(1240), span(30_000)]).toEqual(["12.345", "48,2 kB", "1,2 s", "8 h 20 min"]);
  expect([1, 2, 1500].map((files) => plural("ui_file_count", files))).toEqual(["1 Datei", "2 Dateien", "1.500 Dateien"]);
});

test("a language is chosen in the menu, changes at once, is kept, and is the page's own", async () => {
  await openWindow("connected");
  await seen("All 3 accounts are connected.");
  expect(document.documentElement.lang).toBe("en");
  const speak = async (menu: string, name: string) => {
    await button(menu).click();
    await page.getByRole("menuitemradio", { name }).click();
  };
  await speak("Settings", "Deutsch");
  await seen("Alle 3 Konten sind verbunden.");
  expect(document.documentElement.lang).toBe("de");
  expect(localStorage.getItem("language")).toBe("de");
  await speak("Einstellungen", "English");
  await seen("All 3 accounts are connected.");
  expect(document.documentElement.lang).toBe("en");
});

test("of two choices in a row the last one is spoken", async () => {
  await Promise.all([language.choose("de"), language.choose("en")]);
  expect(t("ui_close")).toBe("Close");
  expect(document.documentElement.lang).toBe("en");
});
