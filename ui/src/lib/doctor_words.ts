/** What the doctor found, in words: fetched with its dialog, since hardly anybody needs them at the start. */

import type { DoctorCause, Finding } from "./api/bindings.ts";
import { number } from "./formats.ts";
import type { Language } from "./languages.ts";
import { language } from "./state/language.svelte.ts";
import { fill, type Args } from "./texts.ts";

type Words = Readonly<Record<string, string>>;

const WORDS: Record<Language, () => Promise<{ default: Words }>> = {
  en: () => import("doctor-words/en"),
  de: () => import("doctor-words/de"),
};

export class DoctorWords {
  readonly #words: Words;

  constructor(words: Words) {
    this.#words = words;
  }

  static async load(): Promise<DoctorWords> {
    return new DoctorWords((await WORDS[language.language]()).default);
  }

  /** An unknown message shows its key, so that a forgotten one is seen. */
  say(key: string, args: Args = {}): string {
    const message = this.#words[`doctor_${key}`];
    return message === undefined ? `doctor_${key}` : fill(message, args);
  }

  sentence({ cause }: Finding): string {
    return this.say(cause.kind, this.#args(cause));
  }

  /** What to do, where something can be done. */
  remedy({ cause, verdict }: Finding): string | null {
    const key = `${cause.kind}_remedy`;
    return verdict === "good" || !(`doctor_${key}` in this.#words) ? null : this.say(key, this.#args(cause));
  }

  #args(cause: DoctorCause): Args {
    const { kind: _, ...given } = cause;
    const args: Args = {};
    for (const [name, value] of Object.entries(given)) {
      if (name === "seconds") args["offset"] = this.#span(value as number);
      else if (name === "free_mib") args["free"] = room(value as number);
      else args[name] = Array.isArray(value) ? value.join(", ") : typeof value === "number" ? String(value) : value;
    }
    return args;
  }

  /** As crates/model/src/doctor/words.rs: in the largest unit of which there are at least two. */
  #span(seconds: number): string {
    const units = [["days", 86_400], ["hours", 3600], ["minutes", 60], ["seconds", 1]] as const;
    const [name, unit] = units.find(([, unit]) => seconds >= 2 * unit) ?? (["seconds", 1] as const);
    return this.say(`span_${name}`, { count: Math.round(seconds / unit) });
  }
}

const room = (mib: number) => (mib < 2048 ? `${number(mib)} MiB` : `${number(Math.floor(mib / 1024))} GiB`);
