/** The stand-in's check-up: what is found, told one by one, and what registering the links mends. */

import type { Diagnosis, DoctorCause, Event, Finding, RemedyAction, Verdict } from "./bindings.ts";

const found = (check: string, verdict: Verdict, cause: DoctorCause, action: RemedyAction | null = null): Finding => ({ check, verdict, cause, action });

export const HEALTHY: readonly Finding[] = [
  found("vault", "good", { kind: "keychain_works" }),
  found("database", "good", { kind: "database_sound" }),
  found("ledger", "good", { kind: "ledger_whole" }),
  found("disk", "good", { kind: "disk_roomy", free_mib: 48_213 }),
  found("loopback", "good", { kind: "loopback_open" }),
  found("links", "good", { kind: "links_come_here" }),
  found("clock", "good", { kind: "clock_right" }),
  found("dns", "good", { kind: "names_found" }),
  found("proxy", "good", { kind: "no_proxy" }),
  found("portal", "good", { kind: "no_portal" }),
  found("service_gmail", "good", { kind: "service_answers", service: "Gmail" }),
  found("service_google_drive", "good", { kind: "service_answers", service: "Google Drive" }),
  found("service_telegram", "good", { kind: "service_answers", service: "Telegram" }),
  found("client_google", "good", { kind: "client_registered", services: ["Gmail", "Google Drive"] }),
];

/** One of each verdict, and one of each thing the window can do. */
export const TROUBLED: readonly Finding[] = [
  found("vault", "bad", { kind: "keychain_locked" }, { action: "open_vault" }),
  found("ledger", "unknown", { kind: "ledger_unknown" }),
  found("links", "bad", { kind: "links_elsewhere", program: "Mail Thief" }, { action: "register_links" }),
  found("clock", "bad", { kind: "clock_behind", seconds: 86_400 }),
  found("proxy", "bad", { kind: "proxy_refuses", proxy: "http://proxy.example.org:3128" }),
  found("portal", "bad", { kind: "portal", hosts: ["gmail.googleapis.com", "oauth2.googleapis.com"] }),
  found("service_gmail", "bad", { kind: "service_replaced", service: "Gmail", host: "gmail.googleapis.com" }),
  found("client_google", "doubtful", { kind: "client_missing", provider: "google", services: ["Gmail", "Google Drive"] }, { action: "register_client", provider: "google" }),
];

export class FakeDoctor {
  /** What is found, in the order shown. */
  findings: Finding[] = [...HEALTHY];
  /** The last to be found waits for this. */
  held: Promise<void> | null = null;
  takesLinks = true;

  /** These instead of the good ones of the same name. */
  ail(troubles: readonly Finding[] = TROUBLED): void {
    this.findings = HEALTHY.map((one) => troubles.find(({ check }) => check === one.check) ?? one);
  }

  async look(emit: (event: Event) => void): Promise<Diagnosis> {
    const findings = [...this.findings];
    emit({ event: "doctor", progress: { step: "began", checks: findings.map(({ check }) => check) } });
    for (const [index, finding] of findings.entries()) {
      if (index === findings.length - 1) await this.held;
      emit({ event: "doctor", progress: { step: "found", finding } });
    }
    const lines = findings.map(({ check, verdict, cause }) => `  ${verdict} ${check}: ${cause.kind}`);
    return { findings, report: `Autopilot 0.1.0\n\nChecks\n${lines.join("\n")}\n` };
  }

  registerLinks(): boolean {
    const ours = HEALTHY.filter(({ check }) => check === "links");
    if (this.takesLinks) this.findings = this.findings.map((one) => ours.find(({ check }) => check === one.check) ?? one);
    return this.takesLinks;
  }
}
