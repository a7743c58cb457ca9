/** Numbers, dates and plural forms as the language of the window has them. */

import { language } from "./state/language.svelte.ts";

/** Making one costs far more than using it, and a list of a thousand lines uses it a thousand times. */
const made = new Map<string, unknown>();

function once<T>(kind: string, options: object, make: (locale: string) => T): T {
  const { locale } = language;
  const key = `${kind} ${locale} ${JSON.stringify(options)}`;
  const known = made.get(key) as T | undefined;
  if (known !== undefined) return known;
  const fresh = make(locale);
  made.set(key, fresh);
  return fresh;
}

export function number(value: number, options: Intl.NumberFormatOptions = {}): string {
  return once("number", options, (locale) => new Intl.NumberFormat(locale, options)).format(value);
}

export function moment(date: Date, options: Intl.DateTimeFormatOptions): string {
  return once("moment", options, (locale) => new Intl.DateTimeFormat(locale, options)).format(date);
}

/** Which form a count takes: "one", "other", in some languages "few" or "many". */
export function formOf(count: number): Intl.LDMLPluralRule {
  return once("plural", {}, (locale) => new Intl.PluralRules(locale)).select(count);
}
