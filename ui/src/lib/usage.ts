/** Figures of days, added up for charts and tables. */

import type { Caller, UsageRow } from "./api/bindings.ts";
import { moment } from "./formats.ts";
import { t } from "./texts.ts";
import { callerName } from "./words.ts";

export type Measure = "calls" | "latency" | "bytes";
export type By = "caller" | "connection";

export interface Series {
  name: string;
  /** One a day; `null` = nothing to tell, such as the latency of no call. */
  values: (number | null)[];
  /** Over the whole time. */
  total: number | null;
}

export interface Chart {
  days: string[];
  series: Series[];
  /** Failed calls, whoever made them; only beside calls. */
  errors: Series | null;
}

/** As many as can be told apart; the rest is one. */
const MOST_SERIES = 5;

export const utcOffset = (): number => -new Date().getTimezoneOffset();

/** "2026-11-26", here. */
export function dayOf(date: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function lastDays(count: number, now: number): string[] {
  const today = new Date(now);
  return Array.from({ length: count }, (_, index) =>
    dayOf(new Date(today.getFullYear(), today.getMonth(), today.getDate() - (count - 1 - index), 12)),
  );
}

/** "26 November". */
export const dayName = (day: string, month: "long" | "short" = "long"): string =>
  moment(new Date(`${day}T12:00:00`), { day: "numeric", month });

export interface Sum {
  calls: number;
  errors: number;
  millis: number;
  bytes_out: number;
  bytes_in: number;
}

export function sum(rows: readonly UsageRow[]): Sum {
  const all = { calls: 0, errors: 0, millis: 0, bytes_out: 0, bytes_in: 0 };
  for (const row of rows) {
    all.calls += row.calls;
    all.errors += row.errors;
    all.millis += row.millis;
    all.bytes_out += row.bytes_out;
    all.bytes_in += row.bytes_in;
  }
  return all;
}

export function measured(rows: readonly UsageRow[], measure: Measure): number | null {
  const all = sum(rows);
  if (measure === "calls") return all.calls;
  if (measure === "bytes") return all.bytes_out + all.bytes_in;
  return all.calls === 0 ? null : all.millis / all.calls;
}

const byCaller = (caller: Caller | null): string => (caller === null ? "" : JSON.stringify(caller));

/** The name of a connection by its row; gone ones keep what the ledger remembers. */
type Naming = (row: UsageRow) => string;

export function chartOf(rows: readonly UsageRow[], days: string[], by: By, measure: Measure, nameOf: Naming): Chart {
  const groups = new Map<string, UsageRow[]>();
  for (const row of rows) {
    if (row.day < (days[0] ?? "")) continue;
    const key = by === "caller" ? byCaller(row.caller) : (row.connection ?? "");
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  const sorted = [...groups.values()].sort((a, b) => sum(b).calls - sum(a).calls);
  const series = (name: string, own: UsageRow[]): Series => ({
    name,
    values: perDay(own, days, measure),
    total: measured(own, measure),
  });
  const named = sorted
    .slice(0, MOST_SERIES)
    .map((own) => series(by === "caller" ? callerName(own[0]!.caller) : nameOf(own[0]!), own));
  const rest = sorted.slice(MOST_SERIES).flat();
  if (rest.length > 0) named.push(series(t("ui_others"), rest));
  const errors = measure === "calls" ? failing(rows, days) : null;
  return { days, series: named, errors };
}

function perDay(rows: UsageRow[], days: string[], measure: Measure): (number | null)[] {
  const byDay = grouped(rows);
  return days.map((day) => measured(byDay.get(day) ?? [], measure));
}

function grouped(rows: UsageRow[]): Map<string, UsageRow[]> {
  const byDay = new Map<string, UsageRow[]>();
  for (const row of rows) byDay.set(row.day, [...(byDay.get(row.day) ?? []), row]);
  return byDay;
}

function failing(rows: readonly UsageRow[], days: string[]): Series | null {
  const errors = new Map<string, number>();
  for (const { day, errors: more } of rows) errors.set(day, (errors.get(day) ?? 0) + more);
  const values = days.map((day) => errors.get(day) ?? 0);
  const total = values.reduce((all, value) => all + value, 0);
  return { name: t("ui_errors"), values, total };
}

/** Each series on top of those before it, so that the whole is seen as well as its parts. */
export function stacked(series: readonly Series[]): (number | null)[][] {
  let below: number[] = [];
  return series.map(({ values }) => {
    below = values.map((value, index) => (value ?? 0) + (below[index] ?? 0));
    return below;
  });
}
