/** Small words made from names, sizes and callers. */

import type { Caller, Capability, ProviderId } from "./api/bindings.ts";
import { number } from "./formats.ts";
import type { Language } from "./languages.ts";
import { say, t } from "./texts.ts";
import { shown } from "./visible.ts";

/** "google" as people write it. */
export function providerName(provider: ProviderId): string {
  return provider
    .split(/[_-]/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join(" ");
}

export const capabilityName = (capability: Capability): string => say(`ui_can_${capability.replace(".", "_")}`);

/** The same inside a sentence: which words are capitals there is the language's own affair. */
export const capabilityInSentence = (capability: Capability): string => say(`ui_do_${capability.replace(".", "_")}`);

/** A language by its own name, whoever reads it. */
export const languageName = (language: Language): string => say(`ui_language_${language}`);

/** The last part of a path, whichever way its system writes paths. */
export const fileName = (path: string): string => path.split(/[\\/]/).findLast((part) => part !== "") ?? path;

export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.length - fileName(path).length - 1)) || "/";

/** Who asked, in words. */
export function callerName(caller: Caller | null): string {
  if (caller === null) return t("ui_caller_hub");
  switch (caller.kind) {
    case "window":
      return t("ui_caller_window");
    case "program":
      return t("ui_caller_program", { name: shown(fileName(caller.executable)) });
    case "workflow":
      return t("ui_caller_workflow", { name: shown(caller.name) });
    case "agent":
      return t("ui_caller_agent", { name: shown(fileName(caller.executable)) });
  }
}

/** What kind of caller it is, in a word. */
export function callerKind(caller: Caller): string {
  switch (caller.kind) {
    case "agent":
      return t("ui_kind_agent");
    case "program":
      return t("ui_kind_program");
    case "workflow":
      return t("ui_kind_workflow");
    case "window":
      return t("ui_caller_window");
  }
}

/** The same for the same caller, whatever else is told of it. */
export function callerKey(caller: Caller): string {
  switch (caller.kind) {
    case "window":
      return caller.kind;
    case "workflow":
      return `${caller.kind} ${caller.name}`;
    default:
      return `${caller.kind} ${caller.executable}`;
  }
}

const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** "24 MB": three figures at most, in thousands, as file managers count. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : value >= 9.95 ? 1 : 2;
  return `${number(Number(value.toFixed(digits)))} ${UNITS[unit]}`;
}

export const count = (value: number): string => number(value);

/** "240 ms", "1.4 s". */
export function duration(millis: number): string {
  return millis < 1000
    ? t("ui_milliseconds", { count: Math.round(millis) })
    : t("ui_seconds", { count: Number((millis / 1000).toFixed(1)) });
}

/** Addresses as people separate them: by commas, semicolons or lines, but not inside a quoted name. */
export function addresses(typed: string): string[] {
  return (typed.match(/(?:"[^"]*"|[^",;\n])+/g) ?? []).map((one) => one.trim()).filter((one) => one !== "");
}
