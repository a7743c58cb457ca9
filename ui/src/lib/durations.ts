/** Lengths of time in the largest unit that says them whole, in the person's language. */

import { language } from "./state/language.svelte.ts";

export type Unit = "second" | "minute" | "hour" | "day";

const NEXT: Record<Unit, { unit: Unit; holds: number } | null> = {
  second: { unit: "minute", holds: 60 },
  minute: { unit: "hour", holds: 60 },
  hour: { unit: "day", holds: 24 },
  day: null,
};

export function duration(count: number, unit: Unit): string {
  const next = NEXT[unit];
  if (next !== null && count >= next.holds && count % next.holds === 0 && !(unit === "hour" && count === 24)) {
    return duration(count / next.holds, next.unit);
  }
  return new Intl.NumberFormat(language.locale, { style: "unit", unit, unitDisplay: "long" }).format(count);
}

/** Minutes since midnight as "07:05", the way fields for a time of day have it; and back. */
export const clockOf = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

export function minutesOf(clock: string): number | null {
  const found = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(clock.trim());
  return found === null ? null : Number(found[1]) * 60 + Number(found[2]);
}
