/** How a status looks: its tone, and the one action that helps most. */

import type { ConnectionView, IntegrationView, Status } from "./api/bindings.ts";
import { unregistered } from "./providers.ts";
import { t, type TextKey } from "./texts.ts";

export type Tone = "good" | "warn" | "bad" | "idle";

export type Remedy = "test" | "sign_in" | "unlock" | "vault" | "register" | "try_now" | "resume" | "none";

const LOOKS: Record<Status["kind"], { tone: Tone; word: TextKey; remedy: Remedy }> = {
  connected: { tone: "good", word: "ui_status_connected", remedy: "test" },
  expiring: { tone: "warn", word: "ui_status_expiring", remedy: "sign_in" },
  needs_sign_in: { tone: "bad", word: "ui_status_needs_sign_in", remedy: "sign_in" },
  offline: { tone: "warn", word: "ui_status_offline", remedy: "try_now" },
  rate_limited: { tone: "warn", word: "ui_status_rate_limited", remedy: "none" },
  service_down: { tone: "warn", word: "ui_status_service_down", remedy: "try_now" },
  refused: { tone: "bad", word: "ui_status_refused", remedy: "test" },
  vault_locked: { tone: "warn", word: "ui_status_vault_locked", remedy: "unlock" },
  no_keychain: { tone: "bad", word: "ui_status_no_keychain", remedy: "vault" },
  paused: { tone: "idle", word: "ui_status_paused", remedy: "resume" },
  not_configured: { tone: "bad", word: "ui_status_not_configured", remedy: "register" },
  unproven: { tone: "idle", word: "ui_status_unproven", remedy: "none" },
};

export const toneOf = (status: Status): Tone => LOOKS[status.kind].tone;
export const wordOf = (status: Status): string => t(LOOKS[status.kind].word);

export function remedyOf(status: Status, integration?: IntegrationView): Remedy {
  // Its own registration is gone. Where there is another, adding one changes nothing for what was signed in before.
  if (status.kind === "not_configured" && integration && !unregistered(integration)) return "sign_in";
  if (status.kind === "refused" && status.reason === "permission_missing") return "sign_in";
  return LOOKS[status.kind].remedy;
}

/** Works: `Status::is_up`. */
export const isUp = (status: Status): boolean => status.kind === "connected" || status.kind === "expiring";

/** Broken in a way only the person can mend. */
export const needsPerson = (status: Status): boolean =>
  ["needs_sign_in", "refused", "vault_locked", "no_keychain", "not_configured"].includes(status.kind);

/** What was granted can be used: not so while the key to it is refused, out of reach or of no registration. */
export const inForce = (status: Status): boolean =>
  !["needs_sign_in", "vault_locked", "no_keychain", "not_configured"].includes(status.kind);

/** When a real call last succeeded, whichever of the two says it later. */
export function provenAt({ status, proven_at }: ConnectionView): string | null {
  if (status.kind !== "connected") return proven_at;
  if (proven_at === null) return status.proven_at;
  return Date.parse(proven_at) > Date.parse(status.proven_at) ? proven_at : status.proven_at;
}

export const missingScopes = (connection: ConnectionView) => connection.scopes.filter((scope) => !scope.granted);
