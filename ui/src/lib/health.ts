/** A connection's days in words and shares. */

import type { HealthDay } from "./api/bindings.ts";
import { t } from "./texts.ts";
import { dayName } from "./usage.ts";

export const PARTS = ["up_s", "unreachable_s", "needs_person_s", "paused_s", "unknown_s"] as const;
export type Part = (typeof PARTS)[number];

export const watched = (day: HealthDay): number => day.up_s + day.unreachable_s + day.needs_person_s;

export const troubled = (day: HealthDay): boolean => day.unreachable_s > 0 || day.needs_person_s > 0;

/** "3 h 20 min", "12 min", "40 s". */
export function span(seconds: number): string {
  if (seconds < 60) return t("ui_span_seconds", { count: seconds });
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return t("ui_span_minutes", { count: minutes });
  return minutes % 60 === 0
    ? t("ui_span_hours", { count: minutes / 60 })
    : t("ui_span_hours_minutes", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

/** The share of the watched time in which it worked; `null` = it was never watched. */
export function upShare(days: readonly HealthDay[]): number | null {
  const all = days.reduce((total, day) => total + watched(day), 0);
  return all === 0 ? null : days.reduce((total, day) => total + day.up_s, 0) / all;
}

/** Never rounded up to a hundred while something was wrong. */
export function percent(share: number): string {
  const value = share === 1 ? 100 : Math.min(99.99, share * 100);
  return t("ui_percent", { count: Number(value.toFixed(value > 99 ? 2 : 1)) });
}

export function dayWords(day: HealthDay): string {
  const parts = [
    day.unreachable_s > 0 ? t("ui_day_unreachable", { time: span(day.unreachable_s) }) : "",
    day.needs_person_s > 0 ? t("ui_day_needs_person", { time: span(day.needs_person_s) }) : "",
    day.paused_s > 0 ? t("ui_day_paused", { time: span(day.paused_s) }) : "",
  ].filter((part) => part !== "");
  const words = parts.length > 0 ? parts.join(", ") : watched(day) > 0 ? t("ui_day_well") : t("ui_day_unwatched");
  return t("ui_day_words", { day: dayName(day.day), words });
}
