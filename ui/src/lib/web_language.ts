/**
 * The chart's library asks `Intl` for the web view's language while it loads. A system that was given none ("C") has
 * one that `Intl` refuses, and nothing would be drawn: such a web view speaks the language of our words.
 */

try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, "language", { value: "en-GB", configurable: true });
}

export {};
