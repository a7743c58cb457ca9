/** What a line of the history looks like: red is kept for what went wrong. */

import { expect, test } from "vitest";

import type { LedgerEntry } from "$lib/api/bindings.ts";
import { aboutOf, resultTone, resultWord } from "$lib/ledger_words.ts";

const line = (result: string): LedgerEntry => ({
  seq: 1,
  at: "2026-11-26T18:27:00Z",
  kind: "connection",
  caller: null,
  connection: null,
  integration: null,
  account: null,
  capability: null,
  action: null,
  result,
  calls: 0,
  errors: 0,
  millis: 0,
  bytes_out: 0,
  bytes_in: 0,
});

test.each(["opened", "closed", "woke", "disconnected", "reconnected", "imported", "exported", "exported_with_secrets", "token_allowed", "token_forbidden", "chain_restart"])(
  "%s is no failure, and has a word",
  (result) => {
    expect(resultTone(line(result))).not.toBe("bad");
    expect(resultWord(line(result))).not.toContain("_");
  },
);

test("a failure is one", () => {
  for (const result of ["failed", "offline", "vault_locked", "checksum_mismatch"]) expect(resultTone(line(result))).toBe("bad");
});

test("a line of no connection is about Autopilot itself", () => {
  expect(aboutOf(line("opened"))).toBe("Autopilot");
});
