/** What the stand-in's services hold, and what its ledger remembers: enough of it to look lived in, always the same. */

import type {
  ActionView,
  Caller,
  Capability,
  Chat,
  ConnectionView,
  Email,
  HealthDay,
  LedgerEntry,
  RemoteFile,
  UsageRow,
} from "./bindings.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The same numbers every time, between 0 and 1. */
function* dice(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield state / 2_147_483_648;
  }
}

const before = (now: number, millis: number) => new Date(now - millis).toISOString();

const MAIL: [from: string, subject: string, snippet: string, hours: number][] = [
  ["Mira Okafor <mira@studio.example>", "Notes from Tuesday", "Thanks for hosting. I wrote down the three decisions we made and who does what", 1],
  ["Billing <billing@paper.example>", "Your receipt for November", "We received 12.00 EUR. The receipt is attached to this message", 5],
  ["Jonas Weber <jonas@example.org>", "Re: Train on Friday", "The 9:14 works for me. I will bring the keys, so no need to wait at the", 9],
  ["Library <desk@library.example>", "Two books are due on Monday", "Extend them online or bring them back by 18:00. There is nobody waiting for", 27],
  ["Sofía Marín <sofia@garden.example>", "Photos of the garden", "The quince is bigger than last year! I put the best ones in one file", 50],
  ["Anna Lindgren <anna@example.org>", "Note to self", "Ask about the deposit, then book the small room for the workshop", 74],
  ["", "(no sender)", "", 120],
];

export function emails(now: number, address: string): Email[] {
  return MAIL.map(([from, subject, snippet, hours], index) => ({
    summary: {
      id: `mail-${index + 1}`,
      thread: `thread-${index + 1}`,
      from,
      to: address,
      subject,
      snippet,
      date: index === 6 ? null : before(now, hours * HOUR),
    },
    cc: index === 0 ? "Jonas Weber <jonas@example.org>" : "",
    text: snippet === "" ? "" : `Hello Anna,\n\n${snippet} …\n\nBest wishes`,
    safe_html:
      index === 0 ? `<p>Hello Anna,</p><p>${snippet} <b>by Friday</b>:</p><ul><li>the room</li><li>the printer</li></ul>` : null,
    attachments:
      index === 1
        ? [{ name: "receipt-2026-11.pdf", media_type: "application/pdf", size: 48_213, saved_as: null }]
        : index === 4
          ? [{ name: "garden.zip", media_type: "application/zip", size: 18_400_000, saved_as: null }]
          : [],
  }));
}

const FILES: [name: string, folder: boolean, size: number | null, hours: number][] = [
  ["Invoices", true, null, 20],
  ["Workshop plan.pdf", false, 812_004, 3],
  ["budget-2027.xlsx", false, 91_200, 28],
  ["Meeting notes", false, null, 52],
  ["recording.m4a", false, 148_000_000, 75],
  ["logo.svg", false, 4_120, 310],
];

export function files(now: number): RemoteFile[] {
  const more = Array.from({ length: 140 }, (_, index): [string, boolean, number, number] => [
    `scan-${String(index + 1).padStart(3, "0")}.jpg`, false, 400_000 + index * 3_117, 400 + index,
  ]);
  return [...FILES, ...more].map(([name, is_folder, size, hours], index) => ({
    id: `file-${index + 1}`,
    name,
    is_folder,
    media_type: is_folder ? "application/x-folder" : "application/octet-stream",
    size,
    modified_at: before(now, hours * HOUR),
    link: null,
    can_download: !is_folder && size !== null,
  }));
}

export function chats(now: number): Chat[] {
  return [
    { id: "5512", kind: "person", title: "Anna Lindgren", handle: "@anna_l", known_since: before(now, 8 * DAY) },
    { id: "-10077", kind: "group", title: "Workshop", handle: null, known_since: before(now, 3 * DAY) },
  ];
}

const WINDOW: Caller = { kind: "window" };
const TERMINAL: Caller = { kind: "program", executable: "/usr/bin/autopilot" };
const WORKFLOW: Caller = { kind: "workflow", name: "morning-report" };
const CALLERS: (Caller | null)[] = [WINDOW, TERMINAL, WORKFLOW, WORKFLOW, null];

/** Ledger lines, newest first. */
export function ledger(now: number, connections: ConnectionView[], lines: number, callers = CALLERS): LedgerEntry[] {
  const throws = dice(7);
  const roll = () => throws.next().value;
  const pick = <T>(from: readonly T[]): T => from[Math.floor(roll() * from.length)] as T;
  if (connections.length === 0) return [];
  return Array.from({ length: lines }, (_, index): LedgerEntry => {
    const connection = pick(connections);
    const capability = pick<Capability>(connection.capabilities);
    const writes = /send|upload/.test(capability);
    const kind = pick(["call", "call", "call", writes ? "outcome" : "call", "probes", "status"] as const);
    const failed = roll() < 0.07;
    const calls = kind === "probes" ? 12 : kind === "call" ? 1 : 0;
    const result = {
      call: failed ? pick(["rate_limited", "service_down", "offline"]) : "ok",
      outcome: failed ? pick(["failed", "outcome_unknown"]) : "sent",
      probes: failed ? "service_down" : "ok",
      status: failed ? "service_down" : "connected",
    }[kind];
    return {
      seq: lines - index,
      at: before(now, index * 4.3 * MINUTE + roll() * MINUTE),
      kind,
      caller: kind === "probes" || kind === "status" ? null : pick(callers),
      connection: connection.id,
      integration: connection.integration,
      account: connection.account,
      capability: kind === "status" || kind === "probes" ? null : capability,
      action: kind === "outcome" || (kind === "call" && writes) ? `action-${lines - index}` : null,
      result,
      calls,
      errors: failed && calls > 0 ? 1 : 0,
      millis: calls * Math.round(90 + roll() * 420),
      bytes_out: writes && kind === "call" ? Math.round(roll() * 2_400_000) : calls * 620,
      bytes_in: calls * Math.round(800 + roll() * 60_000),
    };
  });
}

export function usage(now: number, connections: ConnectionView[], days: number, others: readonly Caller[] = []): UsageRow[] {
  const throws = dice(11);
  const roll = () => throws.next().value;
  const rows: UsageRow[] = [];
  for (let back = days - 1; back >= 0; back -= 1) {
    const day = before(now, back * DAY).slice(0, 10);
    const weekend = [0, 6].includes(new Date(`${day}T12:00:00Z`).getUTCDay());
    for (const connection of connections) {
      for (const caller of [WINDOW, TERMINAL, WORKFLOW, null, ...others]) {
        const calls = Math.round((caller === null ? 90 : caller === WORKFLOW ? 44 : 18) * (weekend ? 0.4 : 0.7 + roll()));
        const errors = roll() < 0.12 ? Math.round(calls * 0.1) : 0;
        rows.push({
          day,
          connection: connection.id,
          account: connection.account,
          integration: connection.integration,
          caller,
          calls,
          errors,
          millis: Math.round(calls * (150 + roll() * 160)),
          bytes_out: caller === null ? calls * 400 : Math.round(calls * roll() * 180_000),
          bytes_in: caller === null ? calls * 900 : Math.round(calls * roll() * 60_000),
        });
      }
    }
  }
  return rows;
}

export function health(now: number, days: number, existed: number): HealthDay[] {
  const throws = dice(5);
  const roll = () => throws.next().value;
  return Array.from({ length: days }, (_, index) => {
    const back = days - 1 - index;
    const day = before(now, back * DAY).slice(0, 10);
    const none = { day, up_s: 0, unreachable_s: 0, needs_person_s: 0, paused_s: 0, unknown_s: 0 };
    if (back > existed) return none;
    const unreachable_s = roll() < 0.12 ? Math.round(roll() * 9_000) : 0;
    const needs_person_s = back === 17 || back === 18 ? 30_000 : 0;
    const unknown_s = roll() < 0.2 ? 20_000 : 0;
    return { ...none, up_s: 86_400 - unreachable_s - needs_person_s - unknown_s, unreachable_s, needs_person_s, unknown_s };
  });
}

/** Writes of every state, newest first. */
export function pastActions(now: number, [mail, drive, bot]: ConnectionView[]): ActionView[] {
  if (mail === undefined || drive === undefined || bot === undefined) return [];
  const of = (connection: ConnectionView, id: string, minutes: number, more: Partial<ActionView>): ActionView => ({
    id,
    connection: connection.id,
    integration: connection.integration,
    integration_name: connection.integration_name,
    account: connection.account,
    capability: "mail.send",
    caller: WINDOW,
    created_at: before(now, minutes * MINUTE),
    state: { state: "cancelled", at: before(now, minutes * MINUTE) },
    outline: { recipients: 1, files: 0, bytes: 0 },
    content: null,
    files: [],
    tries: 1,
    progress: null,
    ...more,
  });
  const letter = (to: string, subject: string): ActionView["content"] => ({
    action: "send_email", to: [to], cc: [], bcc: [], subject, text: "…", html: null, attachments: [], reply_to: null,
  });
  const around = { service: mail.integration_name, account: mail.account };
  const error = (code: "outcome_unknown" | "offline", detail: string | null) => ({
    code, args: around, retry_after_s: null, detail,
  });
  return [
    of(drive, "past-upload", 2, {
      capability: "files.upload",
      caller: TERMINAL,
      outline: { recipients: 0, files: 3, bytes: 214_000_000 },
      content: { action: "upload_files", files: ["/home/anna/Video/talk.mp4", "/home/anna/a.pdf", "/home/anna/b.pdf"], folder: null },
      state: { state: "sending", since: before(now, 40_000) },
      progress: { done: 132_000_000, total: 214_000_000 },
    }),
    of(mail, "past-unknown", 12, {
      caller: WORKFLOW,
      content: letter("mira@studio.example", "Morning report"),
      state: { state: "outcome_unknown", at: before(now, 11 * MINUTE), asking: false, error: error("outcome_unknown", "connection reset after the body was sent") },
    }),
    of(bot, "past-queued", 20, {
      capability: "message.send",
      caller: WORKFLOW,
      tries: 2,
      content: { action: "send_message", chat: "Workshop", text: "The room is booked.", format: "plain", file: null, as_picture: false, reply_to: null },
      state: { state: "queued", not_before: new Date(now + 4 * MINUTE).toISOString(), expires: new Date(now + 20 * HOUR).toISOString(), why: "later" },
    }),
    of(mail, "past-sent", 64, { state: { state: "sent", at: before(now, 63 * MINUTE), results: [] } }),
    of(mail, "past-failed", 300, { state: { state: "expired", at: before(now, 200 * MINUTE) } }),
  ];
}
