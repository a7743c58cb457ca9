/** Finding by a few letters: every word typed has to be in it, best where a word begins, at least in this order. */

export interface Hit {
  /** The higher the better. */
  score: number;
  /** Which letters of the label were found, for marking. */
  at: ReadonlySet<number>;
}

const STRANGE: Record<string, string> = { ß: "s", ø: "o", ł: "l", đ: "d" };

/** Letter by letter without accents, so that positions stay what they are. */
function folded(text: string): string[] {
  return [...text].map((letter) => {
    const small = letter.toLowerCase();
    return STRANGE[small] ?? small.normalize("NFD").charAt(0);
  });
}

const begins = (text: readonly string[], at: number): boolean => at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1] ?? "");

function together(word: readonly string[], text: readonly string[]): { score: number; at: number[] } | null {
  let best: { score: number; at: number[] } | null = null;
  for (let from = 0; from + word.length <= text.length; from += 1) {
    if (!word.every((letter, index) => text[from + index] === letter)) continue;
    const score = (begins(text, from) ? 100 : 50) - Math.min(from, 40) / 2;
    if (best === null || score > best.score) best = { score, at: word.map((_, index) => from + index) };
  }
  return best;
}

/** "cgm" finds "Connect Gmail": each letter where a word begins, or right after the one before. */
function scattered(word: readonly string[], text: readonly string[]): { score: number; at: number[] } | null {
  const from = (letter: number, start: number, at: number[]): number[] | null => {
    if (letter === word.length) return at;
    for (let place = start; place < text.length; place += 1) {
      if (text[place] !== word[letter] || (place !== at.at(-1)! + 1 && !begins(text, place))) continue;
      const rest = from(letter + 1, place + 1, [...at, place]);
      if (rest !== null) return rest;
    }
    return null;
  };
  const at = word.length < 2 ? null : from(0, 0, []);
  return at === null ? null : { score: 20, at };
}

/** `null` = something that was typed isn't in it. What is found in the other words alone counts less. */
export function find(query: string, label: string, others = ""): Hit | null {
  const words = query.trim().split(/\s+/).filter((word) => word !== "").map(folded);
  const text = folded(label);
  const more = folded(others);
  const at = new Set<number>();
  let score = 0;
  for (const word of words) {
    const hit = together(word, text) ?? scattered(word, text);
    if (hit !== null) {
      score += hit.score;
      for (const place of hit.at) at.add(place);
      continue;
    }
    const aside = together(word, more);
    if (aside === null) return null;
    score += aside.score / 10;
  }
  return { score, at };
}
