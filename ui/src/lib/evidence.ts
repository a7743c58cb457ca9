/** What a status rests on: when it was last proven, since when it is so, and what stands behind it as a code. */

import type { ConnectionView, Status } from "./api/bindings.ts";
import { provenAt } from "./status.ts";
import { causeOf, t } from "./texts.ts";

export interface Evidence {
  label: string;
  /** A moment; `null` = never. Absent where it is a code. */
  at?: string | null;
  code?: string;
}

function moments(status: Status): Evidence[] {
  switch (status.kind) {
    case "needs_sign_in":
    case "offline":
    case "service_down":
    case "refused":
      return [{ label: t("ui_room_since"), at: status.since }];
    case "expiring":
      return [{ label: t("ui_room_ends"), at: status.at }];
    case "rate_limited":
      return [{ label: t("ui_room_until"), at: status.until }];
    default:
      return [];
  }
}

/** The code as `autopilot status --json` has it: kind, and the cause where there is one. */
export function codeOf(status: Status): string {
  const cause = causeOf(status);
  return cause === null ? status.kind : `${status.kind}/${cause}`;
}

/** `said` is the service's own word, where a test just heard it. */
export function evidenceOf(connection: ConnectionView, said: string | null): Evidence[] {
  return [
    { label: t("ui_last_sync_label"), at: provenAt(connection) },
    { label: t("ui_last_checked_label"), at: connection.checked_at },
    ...moments(connection.status),
    { label: t("ui_room_code"), code: `status/${codeOf(connection.status)}` },
    ...(said === null ? [] : [{ label: t("ui_room_said", { service: connection.integration_name }), code: said }]),
  ];
}
