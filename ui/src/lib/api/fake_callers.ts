/** Who asks the stand-in, and what of theirs waits for a person. */

import type { Action, ActionView, AskedBecause, Caller, CallerView, ConnectionView } from "./bindings.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const CLAUDE: Caller = { kind: "agent", executable: "/home/anna/.local/share/claude/versions/2.1.14/claude" };
export const CURSOR: Caller = { kind: "agent", executable: "/opt/cursor/cursor" };
export const MSMTP: Caller = { kind: "program", executable: "/usr/bin/msmtp" };
export const REPORT: Caller = { kind: "workflow", name: "morning-report" };
export const STRANGER: Caller = { kind: "agent", executable: "/tmp/.cache/node_modules/.bin/mail-helper" };
export const SCRIPT: Caller = { kind: "program", executable: "/home/anna/bin/nightly-backup" };

/** Those that have done something. */
export const AGENTS: Caller[] = [CLAUDE, CURSOR, MSMTP, REPORT];

export function callers(now: number, [mail, , bot]: ConnectionView[]): CallerView[] {
  const at = (millis: number) => new Date(now + millis).toISOString();
  const of = (caller: Caller, name: string, more: Partial<CallerView>): CallerView => ({
    caller,
    name,
    client: null,
    admission: { admission: "admitted", at: at(-90 * HOUR) },
    rules: [],
    writes: "ask",
    budget: { per_minute: 120, writes_per_day: 200 },
    taint: null,
    connected: 0,
    last_seen: at(-3 * HOUR),
    from_file: false,
    ...more,
  });
  return [
    of(STRANGER, "mail-helper", {
      client: { name: "Claude Desktop", version: "9.9" },
      admission: { admission: "waiting", since: at(-2 * MINUTE) },
      connected: 1,
      last_seen: at(-20_000),
    }),
    of(CLAUDE, "claude", {
      client: { name: "claude-code", version: "2.1.14" },
      connected: 2,
      last_seen: at(-4_000),
      taint: { since: at(-40 * MINUTE), until: at(23 * HOUR + 20 * MINUTE) },
      rules: [
        {
          connection: mail?.id ?? null,
          capability: "mail.send",
          effect: "allow",
          limits: { recipients: ["mira@studio.example", "@example.org"], per_day: 20, folders: [] },
        },
        { connection: null, capability: "files.upload", effect: "ask", limits: { recipients: [], per_day: null, folders: ["/home/anna/Shared"] } },
        { connection: bot?.id ?? null, capability: null, effect: "deny", limits: { recipients: [], per_day: null, folders: [] } },
      ],
    }),
    of(CURSOR, "cursor", { client: { name: "Cursor", version: "3.0.2" } }),
    of(MSMTP, "msmtp", { writes: "allow", last_seen: at(-26 * HOUR) }),
    of(REPORT, "morning-report", { writes: "allow", last_seen: at(-7 * HOUR) }),
    of(SCRIPT, "nightly-backup", { admission: { admission: "refused", at: at(-200 * HOUR) }, last_seen: at(-12 * HOUR) }),
  ];
}

export const letter = (more: Partial<Extract<Action, { action: "send_email" }>> = {}): Action => ({
  action: "send_email",
  to: ["mira@studio.example"],
  cc: [],
  bcc: [],
  subject: "Notes from Tuesday",
  text: "Hello Mira,\n\nthe three decisions are in the file. Jonas has the keys.\n\nBest wishes\nAnna",
  html: null,
  attachments: [],
  reply_to: null,
  ...more,
});

export interface Asked {
  caller?: Caller;
  because?: AskedBecause;
  files?: ActionView["files"];
  /** Minutes since it was asked. */
  minutes?: number;
}

let made = 0;

/** A write that waits for a person. */
export function asking(now: number, connection: ConnectionView, content: Action, asked: Asked = {}): ActionView {
  made += 1;
  const at = (minutes: number) => new Date(now + minutes * MINUTE).toISOString();
  const { caller = CLAUDE, because = "rule", files = [], minutes = 0 } = asked;
  const capability = { send_email: "mail.send", upload_files: "files.upload", send_message: "message.send" } as const;
  const recipients =
    content.action === "send_email" ? content.to.length + content.cc.length + content.bcc.length : content.action === "send_message" ? 1 : 0;
  return {
    id: `asked-${made}`,
    connection: connection.id,
    integration: connection.integration,
    integration_name: connection.integration_name,
    account: connection.account,
    capability: capability[content.action],
    caller,
    created_at: at(-minutes),
    state: { state: "awaiting_approval", since: at(-minutes), expires: at(60 - minutes), because },
    outline: { recipients, files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) },
    content,
    files,
    tries: 0,
    progress: null,
  };
}

/** Three that wait, the oldest first: a mail with everything, an upload, a message. */
export function asks(now: number, [mail, drive, bot]: ConnectionView[]): ActionView[] {
  if (mail === undefined || drive === undefined || bot === undefined) return [];
  const file = (path: string, size: number) => ({ path, name: path.slice(path.lastIndexOf("/") + 1), size });
  return [
    asking(
      now,
      mail,
      letter({
        to: ["Mira Okafor <mira@studio.example>", "jonas@example.org"],
        cc: ["collector@mail\u202Eelpmaxe.example"],
        bcc: ["archive@elsewhere.example"],
        subject: "Notes from Tuesday, and the file you asked for",
        html: `<p>Hello Mira,</p><p>the three <b>decisions</b> are in the file.</p><img src="https://tracker.example/pixel.png">`,
        attachments: ["/home/anna/Documents/contracts/lease-2027.pdf", "/home/anna/Shared/notes.md"],
      }),
      {
        because: "outside_text",
        minutes: 4,
        files: [file("/home/anna/Documents/contracts/lease-2027.pdf", 2_480_000), file("/home/anna/Shared/notes.md", 3_120)],
      },
    ),
    asking(
      now,
      drive,
      { action: "upload_files", files: ["/home/anna/Shared/report.pdf", "/home/anna/Shared/figures.xlsx"], folder: null },
      { caller: CURSOR, minutes: 3, files: [file("/home/anna/Shared/report.pdf", 812_004), file("/home/anna/Shared/figures.xlsx", 91_200)] },
    ),
    asking(
      now,
      bot,
      { action: "send_message", chat: "-10077", text: "The room is booked for *Friday*.", format: "markdown", file: null, as_picture: false, reply_to: null },
      { caller: REPORT, minutes: 2 },
    ),
  ];
}
