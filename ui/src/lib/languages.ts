/**
 * The languages the window speaks: one message file each in messages/. English is built in; the others are fetched when
 * they are spoken, so that nobody carries words they don't read.
 */

import en from "$messages/en.json";

export type Messages = Readonly<Record<string, string>>;

export const LANGUAGES = ["en", "de"] as const;
export type Language = (typeof LANGUAGES)[number];

export const ENGLISH: Messages = en;

const OTHERS: Record<Exclude<Language, "en">, () => Promise<{ default: Messages }>> = {
  de: () => import("$messages/de.json"),
};

export async function messagesOf(language: Language): Promise<Messages> {
  return language === "en" ? ENGLISH : (await OTHERS[language]()).default;
}

/** How dates and numbers are written where the system doesn't say it more precisely. */
const HOMES: Record<Language, string> = { en: "en-GB", de: "de-DE" };

const baseOf = (tag: string): string => tag.toLowerCase().split(/[-_]/)[0] ?? "";

/** The first of these that we speak; else English. */
export function spokenOf(wishes: readonly string[]): Language {
  return wishes.map(baseOf).flatMap((base) => LANGUAGES.filter((ours) => ours === base))[0] ?? "en";
}

/** "de-AT" where the system is Austrian: its own way to write dates and numbers, if it is one of this language. */
export function localeOf(language: Language, wishes: readonly string[]): string {
  return wishes.find((tag) => baseOf(tag) === language && isKnown(tag)) ?? HOMES[language];
}

function isKnown(tag: string): boolean {
  try {
    return Intl.NumberFormat.supportedLocalesOf(tag).length > 0;
  } catch {
    return false; // A system without a language has one that isn't even a tag ("C").
  }
}
