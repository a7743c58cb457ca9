/**
 * Files dragged over the window. The shell tells where they are; whichever drop zone lies there takes them. Only
 * paths come in: what a file holds never passes through the page.
 */

import type { Drop } from "../api/transport.ts";

type Take = (paths: string[]) => void;

export class Drops {
  /** The zone the files are over. */
  over = $state<HTMLElement | null>(null);
  readonly #zones = new Map<HTMLElement, Take>();

  /** For `{@attach}`: this element takes what is dropped on it. */
  zone(take: Take): (node: HTMLElement) => () => void {
    return (node) => {
      this.#zones.set(node, take);
      return () => {
        this.#zones.delete(node);
        if (this.over === node) this.over = null;
      };
    };
  }

  take(drop: Drop): void {
    if (drop.kind === "left") {
      this.over = null;
      return;
    }
    const zone = this.#at(drop.x, drop.y);
    if (drop.kind === "over") {
      this.over = zone;
      return;
    }
    this.over = null;
    if (zone !== null) this.#zones.get(zone)?.(drop.paths);
  }

  #at(x: number, y: number): HTMLElement | null {
    let node: Element | null = document.elementFromPoint(x, y);
    while (node !== null && !(node instanceof HTMLElement && this.#zones.has(node))) node = node.parentElement;
    return node as HTMLElement | null;
  }
}
