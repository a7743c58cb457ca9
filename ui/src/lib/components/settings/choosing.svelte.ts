/**
 * Settings that hold as soon as they are chosen. What is being saved is shown as if it were; refused, it goes back to
 * what it was, and why is said where it was chosen.
 */

import type { Error as HubError, Settings } from "$lib/api/bindings.ts";
import { asHubError } from "$lib/api/transport.ts";
import type { App } from "$lib/state/app.svelte.ts";
import { t, tellError } from "$lib/texts.ts";

export class Choosing {
  readonly #app: App;
  /** By field, as the hub names them. */
  #troubles = $state<Record<string, HubError>>({});
  #hoped = $state.raw<Settings | null>(null);
  #turn = 0;

  constructor(app: App) {
    this.#app = app;
  }

  /** What to show; only asked for where settings are known. */
  get now(): Settings {
    const known = this.#hoped ?? this.#app.settings;
    if (known === null) throw new Error("settings are shown before they are known");
    return known;
  }

  /** Why this field couldn't be saved. */
  why(field: string): string | null {
    const trouble = this.#troubles[field];
    if (trouble === undefined) return null;
    if (trouble.code === "invalid_input" && trouble.args.reason !== undefined) return trouble.args.reason;
    const { sentence, next } = tellError(trouble);
    return `${sentence} ${next}`;
  }

  forgive(field: string): void {
    delete this.#troubles[field];
  }

  /** True = it holds. */
  async choose(field: string, change: (settings: Settings) => Settings): Promise<boolean> {
    const turn = ++this.#turn;
    this.forgive(field);
    this.#hoped = change(this.now);
    try {
      await this.#app.chooseSettings(change);
      this.#app.announcement = t("ui_said_saved");
      return true;
    } catch (thrown) {
      this.#troubles[field] = asHubError(thrown);
      return false;
    } finally {
      if (turn === this.#turn) this.#hoped = null;
    }
  }
}
