/** Lines of the ledger in words, and as a table for other programs. */

import type { EntryKind, LedgerEntry } from "./api/bindings.ts";
import type { Tone } from "./status.ts";
import { placeholders, say, t, type TextKey } from "./texts.ts";
import { callerName, capabilityName } from "./words.ts";

export const KINDS: Record<EntryKind, TextKey> = {
  call: "ui_kind_call",
  outcome: "ui_kind_outcome",
  probes: "ui_kind_probes",
  status: "ui_kind_status",
  connection: "ui_kind_connection",
  policy: "ui_kind_policy",
  token: "ui_kind_token",
};

export const kindName = (kind: EntryKind): string => t(KINDS[kind]);

/** What the line is about: what was done, or what kind of line it is. */
export function aboutOf({ kind, capability, integration }: LedgerEntry): string {
  if (capability !== null) return capabilityName(capability);
  return kind === "connection" && integration === null ? t("ui_kind_mark") : kindName(kind);
}

/** One line for each thing that was done: a call whose outcome is told as well is left out. */
export function onceEach(lines: readonly LedgerEntry[]): LedgerEntry[] {
  const over = new Set(lines.filter(({ kind }) => kind === "outcome").map(({ action }) => action));
  return lines.filter(({ kind, action }) => kind !== "call" || action === null || !over.has(action));
}

const WELL = new Set(["ok", "sent", "connected", "reconnected", "imported", "exported", "exported_with_secrets", "made", "resolved", "admitted", "approved"]);
const NEITHER = new Set([
  "opened",
  "closed",
  "woke",
  "chain_restart",
  "disconnected",
  "token_allowed",
  "token_forbidden",
  "sending",
  "cancelled",
  "paused",
  "unproven",
  "removed",
  "ended",
  "queued",
  "discarded",
  "awaiting_approval",
  "denied",
  "refused",
  "rules_changed",
  "taint_cleared",
  "forgotten",
]);

export function resultTone({ result, errors, calls }: LedgerEntry): Tone {
  if (errors > 0 && errors < calls) return "warn";
  if (WELL.has(result)) return "good";
  return NEITHER.has(result) ? "idle" : result === "outcome_unknown" || result === "expiring" ? "warn" : "bad";
}

/** A result of a newer hub has no word yet, and shows its own name as one. */
export function resultWord({ result }: LedgerEntry): string {
  const key = `ui_result_${result}`;
  return placeholders(key) === null ? result.replaceAll("_", " ") : say(key);
}

/** The sentence of an error's code, where it can be told from what the ledger keeps. */
export function sentenceOf(entry: LedgerEntry, service: string): string | null {
  const key = `error_${entry.result}_sentence`;
  const known = { service, account: entry.account ?? "" };
  const wanted = placeholders(key);
  return wanted === null || wanted.some((name) => !(name in known)) ? null : say(key, known);
}

const COLUMNS: [string, (entry: LedgerEntry) => string | number | null][] = [
  ["line", ({ seq }) => seq],
  ["time", ({ at }) => at],
  ["kind", ({ kind }) => kind],
  ["caller", ({ caller }) => callerName(caller)],
  ["service", ({ integration }) => integration],
  ["account", ({ account }) => account],
  ["capability", ({ capability }) => capability],
  ["action", ({ action }) => action],
  ["result", ({ result }) => result],
  ["calls", ({ calls }) => calls],
  ["errors", ({ errors }) => errors],
  ["milliseconds", ({ millis }) => millis],
  ["bytes_out", ({ bytes_out }) => bytes_out],
  ["bytes_in", ({ bytes_in }) => bytes_in],
];

/** Quoted where needed; a cell that a spreadsheet would take for a formula is made plain text. */
function cell(value: string | number | null): string {
  if (typeof value === "number") return String(value);
  const text = value ?? "";
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** RFC 4180. */
export function asCsv(entries: LedgerEntry[]): string {
  const rows = entries.map((entry) => COLUMNS.map(([, of]) => cell(of(entry))).join(","));
  return [COLUMNS.map(([name]) => name).join(","), ...rows, ""].join("\r\n");
}
