/** What a menu holds, whichever way it opens. */

import type { Component } from "svelte";

import type { Key } from "$lib/shortcuts.ts";

export interface MenuItem {
  label: string;
  icon?: Component<{ size?: number }>;
  danger?: boolean;
  /** Set for a choice among several. */
  checked?: boolean;
  /** The language of the label, where it is another than the window's. */
  lang?: string;
  /** What the keyboard does the same with. */
  keys?: readonly Key[];
  /** A heading above this item begins a new group. */
  group?: string;
  onchoose: () => void;
}
