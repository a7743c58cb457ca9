/**
 * Menus that open where one points: by the right button, and by Shift+F10 or the menu key wherever the focus is. One at
 * a time. Where text is selected or can be typed, the system's own menu stays: it copies and pastes.
 */

import type { MenuItem } from "../components/shared/menu.ts";

export interface OpenMenu {
  /** Asked while it is shown, so that it speaks the window's language also after a change. */
  offer: Offer;
  x: number;
  y: number;
  /** Where the focus goes back to. */
  from: HTMLElement | null;
}

type Offer = () => { label: string; items: MenuItem[] };

const ownMenu = (target: EventTarget | null): boolean =>
  (target instanceof Element && target.closest("input, textarea, [contenteditable]") !== null) ||
  (document.getSelection()?.toString() ?? "") !== "";

export class Menus {
  open = $state.raw<OpenMenu | null>(null);

  /** For `{@attach}`: this element has a menu of its own. */
  on(offer: Offer): (node: HTMLElement) => () => void {
    return (node) => {
      const show = (event: Event, x: number, y: number) => {
        event.preventDefault();
        event.stopPropagation();
        const from = document.activeElement;
        this.open = { offer, x, y, from: from instanceof HTMLElement ? from : null };
      };
      const pointed = (event: MouseEvent) => {
        // The keyboard has its own way below: browsers disagree about where its event points.
        if (event.button === 2 && !ownMenu(event.target)) show(event, event.clientX, event.clientY);
      };
      const pressed = (event: KeyboardEvent) => {
        const asked = event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey);
        if (!asked || ownMenu(event.target) || !(event.target instanceof Element)) return;
        const { left, bottom } = event.target.getBoundingClientRect();
        show(event, left, bottom);
      };
      node.addEventListener("contextmenu", pointed);
      node.addEventListener("keydown", pressed);
      return () => {
        node.removeEventListener("contextmenu", pointed);
        node.removeEventListener("keydown", pressed);
      };
    };
  }

  close(returnFocus: boolean): void {
    const from = this.open?.from;
    this.open = null;
    if (returnFocus) from?.focus({ preventScroll: true });
  }
}
