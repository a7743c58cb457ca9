/** What a German window still says in English: for the test of every scene. */

const FILES = import.meta.glob<string>("../../messages/*.json", { query: "?raw", import: "default", eager: true });
const fileOf = (name: string) => JSON.parse(FILES[`../../messages/${name}.json`]!) as Record<string, string>;

/** Enough words of its own to be known by; "{place} of {count}" is in half of all sentences. */
const telling = (message: string) => !message.includes("{") || (message.replace(/\{[^}]*\}/g, "").match(/[a-z]/gi) ?? []).length > 8;

/** English messages that German says differently, as patterns of what would be read. */
const STRANGERS = (() => {
  const german = fileOf("de");
  const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return Object.entries(fileOf("en"))
    .filter(([key, message]) => /^(ui|error|status)_/.test(key) && german[key] !== message && telling(message))
    .map(([key, message]) => ({ key, pattern: new RegExp(`^${message.split(/\{[^}]*\}/).map(escaped).join(".+")}$`) }));
})();

/** Everything that is read out or shown, but for what was already said. */
function read(): string[] {
  const words: string[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    if (node instanceof Element) {
      for (const name of ["aria-label", "title", "placeholder", "alt"]) words.push(node.getAttribute(name) ?? "");
    } else if (node.parentElement?.closest("[aria-live].visually-hidden, [lang=en] [lang=en]") === null) {
      words.push(node.textContent ?? "");
    }
  }
  return words.map((text) => text.trim().replace(/\s+/g, " ")).filter((text) => text !== "");
}

/** The sentences, by their keys. */
export function englishLeft(): string[] {
  return read().flatMap((text) => STRANGERS.filter(({ pattern }) => pattern.test(text)).map(({ key }) => `${key}: ${text}`));
}
