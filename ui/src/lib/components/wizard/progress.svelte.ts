/**
 * How far the person is on the way to a registration, so that the dialog can be closed and come back to, even after a
 * restart. Kept by the web view itself, like the theme: no secret is among it, and nothing depends on it.
 */

import type { ProviderId } from "$lib/api/bindings.ts";

/** Said of a step that asks nothing. */
const DONE = "done";

export class Progress {
  /** By step: done, or what was answered. */
  #steps = $state<Record<string, string>>({});
  readonly #key: string;

  constructor(provider: ProviderId) {
    this.#key = `setup.${provider}`;
    this.#steps = this.#read();
  }

  isDone = (step: string): boolean => this.#steps[step] !== undefined;
  answer = (step: string): string | null => this.#steps[step] ?? null;

  set(step: string, answer: string = DONE): void {
    this.#steps[step] = answer;
    this.#write();
  }

  undo(step: string): void {
    delete this.#steps[step];
    this.#write();
  }

  #read(): Record<string, string> {
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(this.#key) ?? "{}");
      if (typeof kept !== "object" || kept === null) return {};
      return Object.fromEntries(Object.entries(kept).filter((one): one is [string, string] => typeof one[1] === "string"));
    } catch {
      return {}; // Storage can be refused or damaged; then every step is still to be done.
    }
  }

  #write(): void {
    try {
      localStorage.setItem(this.#key, JSON.stringify(this.#steps));
    } catch {
      // It then lasts until the dialog closes.
    }
  }
}
