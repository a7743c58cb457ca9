/** One clock for every "12 s ago" in the window, so that they move together. */

const TICK_MS = 1000;

export class Clock {
  now = $state(Date.now());
  #timer: ReturnType<typeof setInterval> | undefined;

  start(): void {
    this.stop();
    const tick = () => {
      if (document.visibilityState === "visible") this.now = Date.now();
    };
    this.#timer = setInterval(tick, TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
