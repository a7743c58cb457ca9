/** Moments in words: how long ago, how long still, and exactly when. */

import { moment } from "./formats.ts";
import { plural, t } from "./texts.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "12 s ago". A moment slightly ahead of our clock is now. */
export function ago(at: string, now: number): string {
  const past = Math.max(0, now - Date.parse(at));
  if (past < 2 * SECOND) return t("ui_ago_now");
  if (past < MINUTE) return t("ui_ago_seconds", { count: Math.floor(past / SECOND) });
  if (past < HOUR) return t("ui_ago_minutes", { count: Math.floor(past / MINUTE) });
  if (past < DAY) return plural("ui_ago_hours", Math.floor(past / HOUR));
  return plural("ui_ago_days", Math.floor(past / DAY));
}

/** "9:41" until then; "0:00" once it is past. */
export function remaining(until: string, now: number): string {
  const left = Math.max(0, Math.floor((Date.parse(until) - now) / SECOND));
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}

/** "9:41", and above an hour "3 h 12 min". */
export function timeLeft(until: string, now: number): string {
  const left = Date.parse(until) - now;
  if (left < HOUR) return remaining(until, now);
  const minutes = Math.floor((left % HOUR) / MINUTE);
  return t("ui_span_hours_minutes", { hours: Math.floor(left / HOUR), minutes });
}

/** Date and time in full, for titles. */
export function exactly(at: string): string {
  return moment(new Date(at), { dateStyle: "full", timeStyle: "medium" });
}

/** "Today, 14:03" or "12 March, 14:03". */
export function shortly(at: string, now: number): string {
  const then = new Date(at);
  const time = moment(then, { hour: "2-digit", minute: "2-digit" });
  const day = (date: Date) => date.toDateString();
  if (day(then) === day(new Date(now))) return t("ui_today_at", { time });
  if (day(then) === day(new Date(now - DAY))) return t("ui_yesterday_at", { time });
  if (day(then) === day(new Date(now + DAY))) return t("ui_tomorrow_at", { time });
  const sameYear = then.getFullYear() === new Date(now).getFullYear();
  const date = moment(then, { day: "numeric", month: "long", ...(sameYear ? {} : { year: "numeric" }) });
  return t("ui_day_at", { date, time });
}
