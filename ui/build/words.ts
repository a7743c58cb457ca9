/**
 * The message files as the window carries them: only what it says itself, and, in what is shipped, by number: a list of
 * sentences needs no names. A name of twenty letters for every sentence, in each language and once more wherever it is
 * said, is a tenth of the whole window.
 *
 * Names that are put together while running (`error_${code}_next`) keep their spelling. Which those are is read from the
 * sources; a name that is neither whole nor the beginning of one stops the build.
 */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { Plugin } from "vite";

const WINDOW = /^(ui|error|status)_/;
const MESSAGES = /\/messages\/([a-z-]+)\.json$/;
const LISTED = /^\0messages\/([a-z-]+)$/;
const FORM = /_(zero|one|two|few|many)$/;
/** Names of words that aren't the window's (the doctor's) and look as if they were. */
const OTHERS_NAME = /\.say\(["'`]((?:ui|error|status)_[a-z0-9_]*)/;
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

type Messages = Record<string, string>;
const ours = (text: string): Messages =>
  Object.fromEntries(Object.entries(JSON.parse(text) as Messages).filter(([key]) => WINDOW.test(key)));

/** A list is found under the numbers its names have become; what keeps its name is kept beside it. */
function asList(messages: Messages, names: ReadonlyMap<string, string>): string {
  const list: string[] = [];
  const named: Messages = {};
  for (const [key, text] of Object.entries(messages)) {
    const name = names.get(key) ?? key;
    if (/^\d+$/.test(name)) list[Number(name)] = text;
    else named[name] = text;
  }
  if (list.some((text) => text.includes("\n"))) throw new Error("a message of more than one line: see ui/build/words.ts");
  return `export default Object.assign(${JSON.stringify(list.join("\n"))}.split("\\n"), ${JSON.stringify(named)});`;
}

/** Where names are put together: what they begin with. */
function beginnings(): string[] {
  const sources = readdirSync(here("../src"), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ts|svelte)$/.test(name))
    .map((name) => readFileSync(here(`../src/${name}`), "utf8"));
  return [...new Set(sources.flatMap((source) => [...source.matchAll(/`((?:ui|error|status)_[a-z0-9_]*)\$\{/g)].map(([, start]) => start ?? "")))];
}

function shortNames(): Map<string, string> {
  const keys = Object.keys(ours(readFileSync(here("../../messages/en.json"), "utf8")));
  const known = new Set(keys);
  const composed = beginnings();
  const baseOf = (key: string) => (FORM.test(key) && known.has(key.replace(FORM, "")) ? key.replace(FORM, "") : key);
  const names = new Map<string, string>();
  for (const key of keys) {
    if (baseOf(key) === key && !composed.some((start) => key.startsWith(start))) names.set(key, String(names.size));
  }
  for (const key of keys) {
    const base = baseOf(key);
    const name = names.get(base);
    if (base !== key && name !== undefined) names.set(key, name + key.slice(base.length));
  }
  return names;
}

export function words(): Plugin[] {
  let names: Map<string, string> | null = null;
  const renamed = (key: string) => names?.get(key) ?? key;
  return [
    {
      name: "words",
      enforce: "pre",
      configResolved({ command }) {
        if (command === "build") names = shortNames();
      },
      // In what is shipped it isn't JSON any more.
      resolveId(id) {
        const language = names === null ? undefined : MESSAGES.exec(id)?.[1];
        return language === undefined ? null : `\0messages/${language}`;
      },
      load(id) {
        const language = LISTED.exec(id)?.[1];
        if (names === null || language === undefined) return null;
        const file = here(`../../messages/${language}.json`);
        this.addWatchFile(file);
        return asList(ours(readFileSync(file, "utf8")), names);
      },
      transform: (code, id) => (MESSAGES.test(id) ? { code: JSON.stringify(ours(code)), map: null } : null),
    },
    {
      name: "words-said",
      enforce: "post",
      apply: "build",
      transform(code, id) {
        if (names === null || !id.includes("/ui/src/")) return null;
        const foreign = OTHERS_NAME.exec(code)?.[1];
        if (foreign !== undefined) this.error(`${id} says "${foreign}" of other words than the window's own, which would become a number`);
        return { code: code.replace(/(["'`])((?:ui|error|status)_[a-z0-9_]+)\1/g, (_, quote: string, key: string) => quote + renamed(key) + quote), map: null };
      },
    },
  ];
}

/** What the doctor says, as `doctor-words/LANGUAGE`: many words for a dialog hardly anybody opens, fetched with it. */
const DOCTOR = /^doctor-words\/([a-z-]+)$/;

export const doctorWords: Plugin = {
  name: "doctor-words",
  resolveId: (id) => (DOCTOR.test(id) ? `\0${id}` : null),
  load(id) {
    const language = id.startsWith("\0") ? DOCTOR.exec(id.slice(1))?.[1] : undefined;
    if (language === undefined) return null;
    const file = here(`../../messages/${language}.json`);
    this.addWatchFile(file);
    const all = Object.entries(JSON.parse(readFileSync(file, "utf8")) as Messages);
    return `export default ${JSON.stringify(Object.fromEntries(all.filter(([key]) => key.startsWith("doctor_"))))}`;
  },
};
