/** Icons as they are shipped: `ui/build/icons.ts` makes each from its drawing. */

import type { Component } from "svelte";

import Glyph from "./Glyph.svelte";

interface Props {
  size?: number;
  strokeWidth?: number;
}

/** What is asked of the icon is read through, so that it stays alive. */
export const icon =
  (drawing: string): Component<Props> =>
  (anchor, props) =>
    Glyph(anchor, { __proto__: props, drawing } as Props & { drawing: string });
