/** What callers did: today's figures and the last lines of each, from the ledger. */

import type { Caller, Error as HubError, LedgerEntry, UsageRow } from "../api/bindings.ts";
import type { Hub } from "../api/hub.ts";
import { asHubError } from "../api/transport.ts";
import { onceEach } from "../ledger_words.ts";
import { dayOf, sum, utcOffset } from "../usage.ts";
import { callerKey } from "../words.ts";

/** As many as the hub gives at once: whoever isn't among them hasn't done anything lately. */
const LINES = 1000;
const LAST = 10;

export interface Figures {
  calls: number;
  writes: number;
  failures: number;
}

const of = (caller: Caller) => {
  const key = callerKey(caller);
  return (entry: { caller: Caller | null }) => entry.caller !== null && callerKey(entry.caller) === key;
};

export class Deeds {
  lines = $state.raw<LedgerEntry[] | null>(null);
  trouble = $state<HubError | null>(null);
  #rows = $state.raw<UsageRow[]>([]);
  readonly #hub: Hub;

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  async look(): Promise<void> {
    try {
      const everything = { connection: null, kind: null, capability: null, failures_only: false, since: null, until: null, before: null };
      [this.lines, this.#rows] = await Promise.all([
        this.#hub.listLedger({ ...everything, limit: LINES }),
        this.#hub.usage({ connection: null, days: 1, utc_offset_min: utcOffset() }),
      ]);
      this.trouble = null;
    } catch (thrown) {
      this.trouble = asHubError(thrown);
    }
  }

  /** Newest first; one line for each thing it did. */
  last(caller: Caller): LedgerEntry[] {
    // What a person decided about the caller itself is no deed of its own.
    const own = (this.lines ?? []).filter(of(caller)).filter(({ kind, capability }) => kind !== "policy" || capability !== null);
    return onceEach(own).slice(0, LAST);
  }

  today(caller: Caller): Figures {
    const today = dayOf(new Date());
    const { calls, errors } = sum(this.#rows.filter((row) => row.day === today).filter(of(caller)));
    const writes = (this.lines ?? [])
      .filter(of(caller))
      .filter(({ kind, at, result }) => kind === "outcome" && result === "sent" && dayOf(new Date(at)) === today);
    return { calls, writes: writes.length, failures: errors };
  }
}
