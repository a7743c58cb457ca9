/**
 * The language of the window: as the system has it, or as the person chose. Kept by the web view itself, like the
 * theme. One for the whole page, not a part of `App`: words are said where no component is.
 */

import { ENGLISH, LANGUAGES, localeOf, messagesOf, spokenOf, type Language, type Messages } from "../languages.ts";

export type LanguageWish = "system" | Language;

const KEY = "language";

function read(): LanguageWish {
  try {
    const kept = localStorage.getItem(KEY);
    return LANGUAGES.find((language) => language === kept) ?? "system";
  } catch {
    return "system"; // Storage can be refused; the system's language needs none.
  }
}

interface Spoken {
  language: Language;
  locale: string;
  messages: Messages;
}

export class LanguageChoice {
  wish = $state<LanguageWish>(read());
  /** Replaced as a whole once its words are there, so that no sentence is half in one language. */
  #spoken = $state.raw<Spoken>({ language: "en", locale: localeOf("en", navigator.languages), messages: ENGLISH });
  #turn = 0;

  get language(): Language {
    return this.#spoken.language;
  }

  /** How dates and numbers are written. */
  get locale(): string {
    return this.#spoken.locale;
  }

  get messages(): Messages {
    return this.#spoken.messages;
  }

  /** What "like the system" comes to. */
  get ofSystem(): Language {
    return spokenOf(navigator.languages);
  }

  /** Speaks what is wished; where its words can't be had, what is spoken now stays. */
  async apply(): Promise<void> {
    const turn = ++this.#turn;
    const language = this.wish === "system" ? this.ofSystem : this.wish;
    const messages = await messagesOf(language).catch(() => null);
    if (messages === null || turn !== this.#turn) return;
    this.#spoken = { language, locale: localeOf(language, navigator.languages), messages };
    document.documentElement.lang = language;
  }

  async choose(wish: LanguageWish): Promise<void> {
    this.wish = wish;
    try {
      if (wish === "system") localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, wish);
    } catch {
      // It then lasts until the window closes.
    }
    await this.apply();
  }
}

export const language = new LanguageChoice();
