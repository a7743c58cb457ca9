/** Rules in sentences, and what is typed as rules again. */

import type { Capability, ConnectionView, Effect, Rule } from "./api/bindings.ts";
import { t, type TextKey } from "./texts.ts";
import { addresses, capabilityInSentence, count } from "./words.ts";

const EFFECTS: Record<Effect, TextKey> = { allow: "ui_rule_allow", ask: "ui_rule_ask", deny: "ui_rule_deny" };

export const WRITES: readonly Capability[] = ["mail.send", "files.upload", "message.send"];

/** Where somebody gets what is written. */
export const hasRecipients = (capability: Capability | null): boolean =>
  capability === null || capability === "mail.send" || capability === "message.send";

export const hasFiles = (capability: Capability | null): boolean =>
  capability === null || WRITES.includes(capability) || capability === "files.download" || capability === "mail.read";

export const isWrite = (capability: Capability | null): boolean => capability === null || WRITES.includes(capability);

export function ruleSentence({ connection, capability, effect, limits }: Rule, known: readonly ConnectionView[]): string {
  const through = known.find(({ id }) => id === connection);
  const where =
    connection === null
      ? t("ui_rule_any_connection")
      : through === undefined
        ? t("ui_rule_gone_connection")
        : t("ui_service_account", { service: through.integration_name, account: through.account });
  const what = capability === null ? t("ui_rule_anything") : capabilityInSentence(capability);
  // What allows wants all recipients listed, what restricts one of them.
  const about = effect === "allow" ? "ui_rule_recipients" : "ui_rule_recipients_any";
  return [
    t(EFFECTS[effect], { what, where }),
    limits.recipients.length > 0 ? t(about, { recipients: limits.recipients.join(", ") }) : "",
    limits.per_day === null ? "" : t("ui_rule_per_day", { count: count(limits.per_day) }),
    limits.folders.length > 0 ? t("ui_rule_folders", { folders: limits.folders.join(", ") }) : "",
  ]
    .filter((part) => part !== "")
    .join(" ");
}

/** Addresses as typed, without the names beside them. */
export const recipientsOf = (typed: string): string[] => [
  ...new Set(addresses(typed).map((one) => /<([^<>]+)>$/.exec(one)?.[1]?.trim() ?? one)),
];

/** Why this can't be one, if so. */
export function wrongRecipient(recipients: string[], capability: Capability | null): string | null {
  const fits = (one: string) =>
    !/[\s,<>"]/.test(one) && (capability !== "mail.send" || /^[^@]*@[^@]+$/.test(one)) && !one.endsWith("@");
  const wrong = recipients.find((one) => !fits(one));
  return wrong === undefined ? null : t("ui_rule_recipient_wrong", { recipient: wrong });
}

export const isAbsolute = (path: string): boolean => /^(\/|[A-Za-z]:[\\/]|\\\\)/.test(path);
