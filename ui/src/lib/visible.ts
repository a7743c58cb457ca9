/**
 * Text as it is, for decisions that hang on it: characters that don't show, or that turn the order of others around,
 * are taken out of the running text and named.
 */

export interface Piece {
  text: string;
  /** It stands for characters that wouldn't be seen. */
  mark: boolean;
}

/** Controls, formats (bidi, zero width, tags), odd spaces, private and unassigned ones, and letters without a shape. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\u1680\u2000-\u200A\u205F\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180F\u3164\uFE00-\uFE0F\uFFA0\u{E0100}-\u{E01EF}]/u;

/** Joiners belong to emoji and to several scripts; beside Latin letters or alone they have no business. */
const JOINED = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F]|(?!\p{Script=Latin})[\p{L}\p{M}]/u;

/** More would make the page slow, and by then there is no doubt. */
const MOST_MARKS = 2000;

const nameOf = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;

function harmless(character: string, before: string, several: boolean): boolean {
  if (several && (character === "\n" || character === "\t")) return true;
  if (character === "\uFE0F") return /[\p{Extended_Pictographic}0-9#*]/u.test(before);
  return (character === "\u200D" || character === "\u200C") && JOINED.test(before);
}

/** `several` = a text of several lines, in which ends of lines and tabs are what they seem. */
export function pieces(text: string, several = false): Piece[] {
  // Nearly every text, and a long one is looked through at once.
  const whole = several ? text.replaceAll("\r\n", "\n") : text;
  if (!HIDDEN.test(several ? whole.replace(/[\n\t]/g, "") : whole)) return whole === "" ? [] : [{ text: whole, mark: false }];
  const found: Piece[] = [];
  let plain = "";
  let before = "";
  let marks = 0;
  let last: { character: string; count: number; piece: Piece } | null = null;
  for (const character of whole) {
    if (!HIDDEN.test(character) || harmless(character, before, several)) {
      plain += character;
      last = null;
    } else if (last !== null && last.character === character) {
      last.count += 1;
      last.piece.text = `${nameOf(character)} ×${last.count}`;
    } else if (marks >= MOST_MARKS) {
      plain += `[${nameOf(character)}]`;
      last = null;
    } else {
      if (plain !== "") found.push({ text: plain, mark: false });
      plain = "";
      marks += 1;
      last = { character, count: 1, piece: { text: nameOf(character), mark: true } };
      found.push(last.piece);
    }
    before = character;
  }
  if (plain !== "") found.push({ text: plain, mark: false });
  return found;
}

/** The same in one line of plain text, for labels and sentences. */
export const shown = (text: string): string =>
  pieces(text)
    .map((piece) => (piece.mark ? `[${piece.text}]` : piece.text))
    .join("");

export const hides = (text: string, several = false): boolean => pieces(text, several).some(({ mark }) => mark);

/** Letters of look-alike alphabets in one word, as in an address that imitates another. */
export const mixesAlphabets = (text: string): boolean =>
  (text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? []).some(
    (word) => /\p{Script=Latin}/u.test(word) && /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u.test(word),
  );
