/** What an import would do, in words. */

import type { ComingCaller, ComingConnection, ConnectionView, Settings } from "./api/bindings.ts";
import { say, t, type TextKey } from "./texts.ts";
import { number } from "./formats.ts";
import { ruleSentence } from "./rule_words.ts";

/** What the other settings are called where they are changed; one that has no name there is called as the file does. */
const NAMES: Partial<Record<string, TextKey>> = {
  undo_window_s: "ui_undo_window",
  queue_expiry_h: "ui_queue_expiry",
  approval_expiry_min: "ui_approval_expiry",
  ledger_days: "ui_ledger_days",
  agents_paused: "ui_moving_agents_paused",
  quotas: "ui_quotas",
};

export interface SettingChange {
  name: string;
  from: string;
  to: string;
}

/** The settings that become others. */
export function settingChanges(now: Settings, then: Settings): SettingChange[] {
  const before = now as unknown as Record<string, unknown>;
  return Object.entries(then as unknown as Record<string, unknown>).flatMap(([key, to]) => {
    const from = before[key];
    if (JSON.stringify(from) === JSON.stringify(to)) return [];
    const name = NAMES[key];
    return [{ name: name === undefined ? key : t(name), from: written(from), to: written(to) }];
  });
}

function written(value: unknown): string {
  if (typeof value === "boolean") return value ? t("ui_moving_on") : t("ui_moving_off");
  if (typeof value === "number") return number(value);
  if (typeof value === "string") return value;
  const entries = Object.entries((value ?? {}) as Record<string, unknown>);
  return entries.length === 0 ? t("ui_moving_none") : entries.map(([key, one]) => `${key}: ${written(one)}`).join(", ");
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
