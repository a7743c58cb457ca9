/** Every way a connection can stand: its cause in a sentence, what that rests on, and exactly one next step. */

import { expect, test } from "vitest";

import english from "$messages/en.json?raw";
import german from "$messages/de.json?raw";

import type { Cause, ExpiringWhy, RefusedReason, Status } from "$lib/api/bindings.ts";
import { connectionTo, INTEGRATIONS } from "$lib/api/fake_world.ts";
import { codeOf, evidenceOf } from "$lib/evidence.ts";
import { remedyOf } from "$lib/status.ts";
import { tellStatus } from "$lib/texts.ts";

import { button, card, dialog, element, openWindow, PATIENCE, seen } from "./window.ts";

const since = new Date(Date.now() - 400_000).toISOString();
const soon = new Date(Date.now() + 400_000).toISOString();
// Records, so that a new variant of the model doesn't compile until it is here.
const CAUSES: Record<Cause, true> = {
  grant_revoked: true,
  trial_ended: true,
  token_rejected: true,
  interrupted_rotation: true,
  session_ended: true,
  grant_missing: true,
  grant_unreadable: true,
  not_renewable: true,
  imported: true,
};
const REASONS: Record<RefusedReason, true> = { permission_missing: true, api_disabled: true, blocked_by_admin: true, other: true };
const WHYS: Record<ExpiringWhy, true> = { time_limited: true, not_renewable: true, rhythm: true };
const keys = <K extends string>(of: Record<K, true>) => Object.keys(of) as K[];
const EVERY: { [Kind in Status["kind"]]: Extract<Status, { kind: Kind }>[] } = {
  connected: [{ kind: "connected", proven_at: since }],
  expiring: keys(WHYS).map((why) => ({ kind: "expiring", at: soon, why })),
  needs_sign_in: keys(CAUSES).map((cause) => ({ kind: "needs_sign_in", cause, since })),
  offline: [{ kind: "offline", since }],
  rate_limited: [{ kind: "rate_limited", until: soon }],
  service_down: [{ kind: "service_down", since }],
  refused: keys(REASONS).map((reason) => ({ kind: "refused", reason, since })),
  vault_locked: [{ kind: "vault_locked" }],
  no_keychain: [{ kind: "no_keychain" }],
  paused: [{ kind: "paused" }],
  not_configured: [{ kind: "not_configured" }],
  unproven: [{ kind: "unproven" }],
};
const ALL: Status[] = Object.values(EVERY).flat();
const named = (status: Status) => ({ status, name: codeOf(status) });

test.each(ALL.map(named))("$name: a sentence and a step in every language, and evidence", ({ status }) => {
  const stem = `status_${codeOf(status).replace("/", "_")}`;
  for (const messages of [english, german].map((text) => JSON.parse(text) as Record<string, string>)) {
    for (const part of ["sentence", "next"]) expect(messages[`${stem}_${part}`]).toMatch(/^\p{Lu}.*[.]$|^\{/u);
  }
  const told = tellStatus(status, "Gmail", "anna@example.org");
  expect(told.sentence).not.toContain("{");
  expect(told.next).not.toContain("{");
  const connection = connectionTo(INTEGRATIONS[0]!, "anna@example.org", { status, proven_at: since, checked_at: since });
  const evidence = evidenceOf(connection, null);
  expect(evidence.some(({ at }) => at === since)).toBe(true);
  expect(evidence.some(({ code }) => code === `status/${codeOf(status)}`)).toBe(true);
  if ("since" in status || status.kind === "expiring" || status.kind === "rate_limited") expect(evidence.length).toBe(4);
});

test.each(ALL.map(named))("$name: the card shows the sentence and one step", async ({ status }) => {
  const fake = await openWindow("connected", {}, (fake) => {
    fake.world.connections = [connectionTo(fake.world.integrations[0]!, "anna@example.org", { status, proven_at: since, checked_at: since })];
  });
  const { id } = fake.world.connections[0]!;
  await expect.poll(() => document.querySelector(`[data-connection="${id}"]`), PATIENCE).not.toBeNull();
  await expect.element(card(id), PATIENCE).toHaveAttribute("data-status", status.kind);
  const told = tellStatus(status, "Gmail", "anna@example.org");
  if (status.kind !== "connected" && status.kind !== "unproven") {
    await expect.element(card(id)).toHaveTextContent(told.sentence);
    await expect.element(card(id)).toHaveTextContent(told.next);
  }
  const foot = [...element(`[data-connection="${id}"] footer`).querySelectorAll("button")];
  expect(foot.length, "settings, and one step").toBe(2);
  expect(foot.at(-1)!.classList.contains("primary")).toBe(!["test", "try_now", "none"].includes(remedyOf(status)));
});

test("a sign-in that ends with its trial is signed in to again, and its page says where to make it last", async () => {
  const fake = await openWindow("connected", {}, (fake) => {
    const status = { kind: "needs_sign_in", cause: "trial_ended", since } as const;
    fake.world.connections = [connectionTo(fake.world.integrations[0]!, "anna@example.org", { status, proven_at: since, checked_at: since })];
  });
  await button("Settings of Gmail, anna@example.org").click();
  await expect.element(dialog().getByRole("button", { name: "Sign in again" }), PATIENCE).toBeVisible();
  await button("Open Google's console: Publish it").click();
  await expect.poll(() => fake.opened, PATIENCE).toEqual(["gmail/publish"]);
});

test("what will end is told ahead, with what keeps it from ending", async () => {
  await openWindow("every_status");
  await seen(/^Gmail, person2@example\.org ends /);
  await seen("Sign in again before then, and nothing is interrupted.");
});

test("a change of status is heard", async () => {
  const fake = await openWindow("connected");
  await seen("All 3 accounts are connected.");
  const connection = { ...fake.world.connections[0]!, status: { kind: "offline", since } as const };
  fake.emit({ event: "connection_changed", connection });
  await expect.poll(() => [...document.querySelectorAll("[aria-live=polite]")].map(({ textContent }) => textContent).join(" "), PATIENCE).toContain(
    "Gmail, anna@example.org: Offline.",
  );
});
