/** Numbers as people type them. */

import { t } from "./texts.ts";

/** Why this isn't a whole number in its range, if so. */
export function wrongNumber(typed: string, from: number, to: number): string | null {
  const value = Number(typed);
  return typed.trim() !== "" && Number.isInteger(value) && value >= from && value <= to ? null : t("ui_whole_number", { from, to });
}
