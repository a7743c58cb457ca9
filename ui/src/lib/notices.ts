/** What the system tells of, in the order a person chooses among it. */

import type { Notify } from "./api/bindings.ts";
import type { TextKey } from "./texts.ts";

export const NOTICES = [
  { kind: "trouble", label: "ui_notify_trouble", help: "ui_notify_trouble_help" },
  { kind: "back", label: "ui_notify_back", help: "ui_notify_back_help" },
  { kind: "expiring", label: "ui_notify_expiring", help: "ui_notify_expiring_help" },
  { kind: "approvals", label: "ui_notify_approvals", help: "ui_notify_approvals_help" },
  { kind: "outcomes", label: "ui_notify_outcomes", help: "ui_notify_outcomes_help" },
] as const satisfies { kind: keyof Notify; label: TextKey; help: TextKey }[];
