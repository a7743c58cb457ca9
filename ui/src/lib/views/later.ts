/**
 * What the first picture doesn't need: fetched right after it, so that the window opens sooner, and there long before
 * anybody can ask for it.
 */

export const rest = () => import("./rest.ts");
