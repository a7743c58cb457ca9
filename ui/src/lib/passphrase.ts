/** A hint on how good a passphrase is. Only length and variety: the file is guarded by a slow key derivation. */

export type Strength = "empty" | "short" | "fair" | "good";

const SHORTEST = 10;
const COMFORTABLE = 18;
const VARIED = 8;

export function strengthOf(passphrase: string): Strength {
  if (passphrase === "") return "empty";
  const characters = [...passphrase];
  const different = new Set(characters).size;
  if (characters.length < SHORTEST || different < 4) return "short";
  return characters.length >= COMFORTABLE && different >= VARIED ? "good" : "fair";
}

/** Typed twice the same, and not too short. */
export function isNewPassphrase(passphrase: string, again: string): boolean {
  const strength = strengthOf(passphrase);
  return strength !== "empty" && strength !== "short" && passphrase === again;
}
