/** What ending a connection takes along, from what the window knows: said before it is done. */

import type { CallerView, ConnectionView, DisconnectPreview, Error as HubError, UsageRow } from "./api/bindings.ts";
import { asHubError } from "./api/transport.ts";
import { isOver } from "./state/actions.svelte.ts";
import type { App } from "./state/app.svelte.ts";
import { plural, t } from "./texts.ts";
import { sum, utcOffset } from "./usage.ts";
import { callerKey } from "./words.ts";

const DAYS = 30;

/** What the hub says of an end. `null` = it couldn't be asked, and `error` says why. */
export interface Ending {
  preview: DisconnectPreview | null;
  /** Calls in the last 30 days, by caller. */
  calls: ReadonlyMap<string, number> | null;
  error: HubError | null;
}

/** Both answers together: with one alone "nothing depends on it" would be a guess. */
export async function endingOf({ hub }: App, { id }: ConnectionView): Promise<Ending> {
  let error: HubError | null = null;
  const failed = (thrown: unknown) => {
    error = asHubError(thrown);
    return null;
  };
  const usage = hub.usage({ connection: id, days: DAYS, utc_offset_min: utcOffset() });
  const [preview, calls] = await Promise.all([hub.previewDisconnect(id).catch(failed), usage.then(byCaller).catch(failed)]);
  return { preview, calls, error };
}

function byCaller(rows: UsageRow[]): ReadonlyMap<string, number> {
  const by = new Map<string, UsageRow[]>();
  for (const row of rows) {
    if (row.caller === null) continue;
    const key = callerKey(row.caller);
    by.set(key, [...(by.get(key) ?? []), row]);
  }
  return new Map([...by].map(([key, of]) => [key, sum(of).calls]));
}

/** One sentence a thing. Empty = nothing else hangs on it. */
export function blastOf(app: App, connection: ConnectionView, { preview, calls, error }: Ending): string[] {
  const siblings = preview?.also_ends ?? [];
  const ids = new Set([connection.id, ...siblings.map(({ id }) => id)]);
  const waiting = app.actions.all.filter((action) => ids.has(action.connection) && !isOver(action)).length;
  const others = app.callers.all.filter(({ caller }) => caller.kind !== "window");
  const names = (of: CallerView[]) => of.map(({ name }) => name).join(", ");
  const ruled = others.filter(({ rules }) => rules.some((rule) => rule.connection !== null && ids.has(rule.connection)));
  const users = others.filter(({ caller }) => (calls?.get(callerKey(caller)) ?? 0) > 0);
  const accounts = siblings.map(({ integration_name, account }) => t("ui_service_account", { service: integration_name, account }));
  return [
    ...(siblings.length > 0 ? [plural("ui_blast_siblings", siblings.length, { names: accounts.join("; ") })] : []),
    ...(waiting > 0 ? [plural("ui_blast_waiting", waiting)] : []),
    ...(ruled.length > 0 ? [t("ui_blast_rules", { names: names(ruled) })] : []),
    ...(users.length > 0 ? [t("ui_blast_users", { names: names(users) })] : []),
    ...(error ? [t("ui_blast_unknown")] : []),
  ];
}
