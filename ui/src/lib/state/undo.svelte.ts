/** The last thing that was done at once and can be taken back for a moment. One at a time: a new one ends the last. */

export class Undo {
  /** As long as one needs to read a line and reach for the button; tests, which hang on no clock, have hours. */
  static momentMs = 8000;
  offered = $state<{ words: string } | null>(null);
  #back: () => void = () => undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  offer(words: string, back: () => void): void {
    this.offered = { words };
    this.#back = back;
    this.wait();
  }

  /** Begins the moment; also once nobody points at it any more. */
  wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.forget(), Undo.momentMs);
  }

  /** Somebody points at it: it stays. */
  hold(): void {
    clearTimeout(this.#timer);
  }

  take(): void {
    const back = this.#back;
    this.forget();
    back();
  }

  forget(): void {
    clearTimeout(this.#timer);
    this.offered = null;
    this.#back = () => undefined;
  }
}
