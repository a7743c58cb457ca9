/** The last thing that was done at once and can be taken back for a moment. One at a time: a new one ends the last. */

/** As long as one needs to read a line and reach for the button. */
const MOMENT_MS = 8000;

export class Undo {
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
    this.#timer = setTimeout(() => this.forget(), MOMENT_MS);
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
