/** What an import would do, in words. */

import type { ComingCaller, ComingConnection, ConnectionView, QuietHours, Settings } from "./api/bindings.ts";
import { clockOf, duration, type Unit } from "./durations.ts";
import { number } from "./formats.ts";
import { NOTICES } from "./notices.ts";
import { ruleSentence } from "./rule_words.ts";
import { say, t } from "./texts.ts";

export interface SettingChange {
  name: string;
  from: string;
  to: string;
}

type Said = [name: string, value: string];

const onOrOff = (on: boolean): string => (on ? t("ui_moving_on") : t("ui_moving_off"));
const wait = (count: number, unit: Unit): string => (count === 0 ? t("ui_at_once") : duration(count, unit));
const hours = ({ on, from_min, to_min }: QuietHours): string => (on ? `${clockOf(from_min)}\u2013${clockOf(to_min)}` : onOrOff(on));

/** Each setting as its page says it, in the page's order; what a file never brings says nothing. */
const SAID: { [Name in keyof Settings]: (value: Settings[Name], serviceOf: (id: string) => string) => Said[] } = {
  close_to_tray: (on) => [[t("ui_close_to_tray"), onOrOff(on)]],
  undo_window_s: (count) => [[t("ui_undo_window"), wait(count, "second")]],
  queue_expiry_h: (count) => [[t("ui_queue_expiry"), duration(count, "hour")]],
  approval_expiry_min: (count) => [[t("ui_approval_expiry"), duration(count, "minute")]],
  notify: (kinds) => NOTICES.map(({ kind, label }) => [t(label), onOrOff(kinds[kind])]),
  quiet: (quiet) => [
    [t("ui_panel_quiet"), hours(quiet)],
    [t("ui_quiet_approvals"), onOrOff(quiet.approvals_pass)],
  ],
  refresh_s: (count) => [[t("ui_refresh_every"), duration(count, "second")]],
  quotas: (quotas, serviceOf) => Object.entries(quotas).map(([id, units]) => [`${t("ui_quotas")}: ${serviceOf(id)}`, number(units)]),
  ledger_days: (count) => [[t("ui_ledger_days"), duration(count, "day")]],
  agents_paused: (on) => [[t("ui_moving_agents_paused"), onOrOff(on)]],
  network: () => [],
  language: () => [],
};

function allSaid(settings: Settings, serviceOf: (id: string) => string): Map<string, string> {
  const said = <Name extends keyof Settings>(name: Name) => SAID[name](settings[name], serviceOf);
  return new Map((Object.keys(SAID) as (keyof Settings)[]).flatMap(said));
}

/** The settings that become others. */
export function settingChanges(now: Settings, then: Settings, serviceOf: (id: string) => string): SettingChange[] {
  const [before, after] = [allSaid(now, serviceOf), allSaid(then, serviceOf)];
  const usual = t("ui_quota_usual");
  return [...new Set([...after.keys(), ...before.keys()])].flatMap((name) => {
    const [from, to] = [before.get(name) ?? usual, after.get(name) ?? usual];
    return from === to ? [] : [{ name, from, to }];
  });
}

/** Where a connection of the file will stand. */
export const fateOf = ({ fate }: ComingConnection): string => say(`ui_moving_fate_${fate}`);

/** What a caller of the file will be allowed, a sentence each. */
export function allowances(caller: ComingCaller, connections: readonly ComingConnection[]): string[] {
  if (!caller.admitted) return [];
  const { per_minute, writes_per_day } = caller.budget;
  return [
    t(caller.writes === "allow" ? "ui_writes_allow" : caller.writes === "deny" ? "ui_writes_deny" : "ui_writes_ask"),
    ...caller.rules.map((rule) => ruleSentence(rule, connections as unknown as readonly ConnectionView[])),
    t("ui_moving_budget", { per_minute, writes_per_day }),
  ];
}
