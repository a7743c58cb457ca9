/**
 * Keeps buttons shut until what they are about has been on the screen for a moment: a click or key that was meant for
 * something else, and arrives just as this appears, decides nothing. Coming back to the window begins the moment anew.
 */

/** Longer than a double click, and than a hand takes to stop; shorter than reading anything. */
export const SEEN_MS = 600;

export class Guard {
  open = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #away = false;

  /** For `{@attach}` on what has to be seen. */
  watch = (): (() => void) => {
    this.#begin();
    window.addEventListener("blur", this.#left);
    window.addEventListener("focus", this.#back);
    document.addEventListener("visibilitychange", this.#begin);
    return () => {
      clearTimeout(this.#timer);
      window.removeEventListener("blur", this.#left);
      window.removeEventListener("focus", this.#back);
      document.removeEventListener("visibilitychange", this.#begin);
    };
  };

  #begin = (): void => {
    clearTimeout(this.#timer);
    this.open = false;
    if (document.visibilityState !== "visible") return;
    this.#timer = setTimeout(() => (this.open = true), SEEN_MS);
  };

  /** A click into a frame of our own page is no leaving. */
  #left = (): void => {
    this.#away = !document.hasFocus();
  };

  #back = (): void => {
    if (this.#away) this.#begin();
    this.#away = false;
  };
}
