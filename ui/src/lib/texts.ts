/**
 * Words for people, from messages/LANGUAGE.json: the same files the engine reads, filled in the same way
 * (crates/model/src/texts.rs). No view holds a sentence of its own.
 *
 * A message that counts has further forms beside it, named by their plural category: `ui_file_count` is "{count} files",
 * `ui_file_count_one` is "1 file". A language has those its own rules ask for.
 */

import type en from "$messages/en.json";

import type { Error as HubError, Status } from "./api/bindings.ts";
import { formOf, number } from "./formats.ts";
import { language } from "./state/language.svelte.ts";

export type TextKey = keyof typeof en;
export type Args = Record<string, string | number>;

/** A message with a form for one. */
export type CountKey = { [Key in TextKey]: `${Key}_one` extends TextKey ? Key : never }[TextKey];

const written = (arg: string | number | undefined): string => (typeof arg === "number" ? number(arg) : (arg ?? ""));

/** The message with its placeholders filled; an unknown key shows itself, so that a forgotten one is seen. */
export function say(key: string, args: Args = {}): string {
  const message = language.messages[key];
  return message === undefined ? key : fill(message, args);
}

/** Arguments are put in once and never looked at again. */
export function fill(message: string, args: Args): string {
  return message.replace(/\{([^}]*)\}/g, (_, name: string) => written(args[name]));
}

/** What a message wants to be filled with; `null` = there is no such message. */
export function placeholders(key: string): string[] | null {
  const message = language.messages[key];
  return message === undefined ? null : [...message.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name ?? "");
}

export function t(key: TextKey, args?: Args): string {
  return say(key, args);
}

/** The message in the form its count asks for; the count itself fills `{count}`. */
export function plural(key: CountKey, count: number, args: Args = {}): string {
  const form = `${key}_${formOf(count)}`;
  return say(form in language.messages ? form : key, { ...args, count });
}

/** What happened, and what to do next. */
export interface Told {
  sentence: string;
  next: string;
}

/** The words of an error; `around` names service and account where the error itself doesn't. */
export function tellError(error: HubError, around: Args = {}): Told {
  const args = { ...around, ...error.args };
  return { sentence: say(`error_${error.code}_sentence`, args), next: say(`error_${error.code}_next`, args) };
}

/** What tells two statuses of one kind apart. */
export function causeOf(status: Status): string | null {
  switch (status.kind) {
    case "needs_sign_in":
      return status.cause;
    case "refused":
      return status.reason;
    case "expiring":
      return status.why;
    default:
      return null;
  }
}

/** Where a connection stands, and what to do next. */
export function tellStatus(status: Status, service: string, account: string): Told {
  const cause = causeOf(status);
  const stem = cause === null ? `status_${status.kind}` : `status_${status.kind}_${cause}`;
  const args = { service, account };
  return { sentence: say(`${stem}_sentence`, args), next: say(`${stem}_next`, args) };
}
