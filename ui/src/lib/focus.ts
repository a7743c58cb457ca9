/** Where the focus goes when one step of a dialog gives way to the next. */

import { tick } from "svelte";

/** Takes the focus as this appears, unless the dialog has just opened and chosen for itself. */
export function takeFocus(node: HTMLElement): void {
  void tick().then(() => {
    const focused = document.activeElement;
    if (focused === null || focused === document.body || !focused.isConnected || focused.tagName === "DIALOG") {
      node.focus({ preventScroll: true });
    }
  });
}
