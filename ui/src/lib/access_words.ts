/** What callers may do through one connection, read from their rules: a summary for looking at, never for deciding. */

import type { CallerView, Capability, ConnectionView, Effect } from "./api/bindings.ts";
import { isWrite } from "./rule_words.ts";

export type Stance = "allowed" | "asks" | "denied" | "some";

const STANCE: Record<Effect, Stance> = { allow: "allowed", ask: "asks", deny: "denied" };

/** Rules about this connection in particular; what holds for every connection isn't one. */
export const hasOwnRules = (view: CallerView, connection: ConnectionView): boolean =>
  view.rules.some((rule) => rule.connection === connection.id);

/** As the hub judges: a deny wins, then the most exact rule, and among equals an ask. Limits only narrow it further. */
function stance(view: CallerView, connection: ConnectionView, capability: Capability): Stance {
  const fits = view.rules.filter(
    (rule) =>
      (rule.connection === null || rule.connection === connection.id) && (rule.capability === null || rule.capability === capability),
  );
  // A read is only ever forbidden.
  if (!isWrite(capability)) return fits.some(({ effect }) => effect === "deny") ? "denied" : "allowed";
  const bare = fits.filter(({ limits }) => limits.recipients.length === 0);
  if (bare.some(({ effect }) => effect === "deny")) return "denied";
  const weight = ({ connection: where, capability: what }: (typeof fits)[number]) => Number(where !== null) + Number(what !== null);
  const most = Math.max(...bare.map(weight));
  const best = bare.filter((rule) => weight(rule) === most);
  const base = best.length === 0 ? STANCE[view.writes] : best.some(({ effect }) => effect === "ask") ? "asks" : "allowed";
  // A rule for some recipients alone makes it another answer for them.
  return bare.length < fits.length && fits.some(({ effect, limits }) => limits.recipients.length > 0 && STANCE[effect] !== base) ? "some" : base;
}

/** One answer for several capabilities: the same for all, or "some". `null` = it has none of them. */
export function stanceOn(view: CallerView, connection: ConnectionView, writes: boolean): Stance | null {
  const of = connection.capabilities.filter((capability) => isWrite(capability) === writes);
  const all = new Set(of.map((capability) => stance(view, connection, capability)));
  if (all.size === 0) return null;
  return all.size === 1 ? [...all][0]! : "some";
}
