/** The stand-in's exports and imports: a profile that comes from somewhere else, and one that leaves. */

import type { Event, ImportPreview, Request, Response } from "./bindings.ts";
import type { FakeLife } from "./fake_life.ts";
import { connectionTo, type World } from "./fake_world.ts";

export type MovingRequest = Extract<
  Request,
  { request: "export" | "export_to" | "preview_import" | "import" | "cancel_import" }
>;

const failed = (code: "file_exists" | "passphrase_needed" | "wrong_passphrase" | "import_refused", args: Record<string, string> = {}) => ({
  code,
  args,
  retry_after_s: null,
  detail: null,
});

export class FakeMoving {
  /** What the encrypted file opens with. */
  passphrase = "correct horse battery";
  /** Files that are there already. */
  readonly files = new Set<string>();
  /** Why no file is imported, where a test says so. */
  refuses: string | null = null;
  readonly #world: World;
  readonly #life: FakeLife;
  readonly #emit: (event: Event) => void;
  #shown: ImportPreview | null = null;
  #count = 0;

  constructor(world: World, life: FakeLife, emit: (event: Event) => void) {
    this.#world = world;
    this.#life = life;
    this.#emit = emit;
  }

  answer(request: MovingRequest): Response {
    switch (request.request) {
      case "export":
        return { response: "export", value: "{}\n" };
      case "export_to": {
        if (this.files.has(request.path) && !request.replace) throw failed("file_exists", { file: request.path });
        this.files.add(request.path);
        const connections = this.#world.connections.length;
        return {
          response: "exported",
          value: { path: request.path, with_secrets: request.passphrase !== null, connections, without_sign_in: [] },
        };
      }
      case "preview_import": {
        if (this.refuses !== null) throw failed("import_refused", { reason: this.refuses });
        const sealed = request.path.endsWith(".age");
        if (sealed && request.passphrase === null) throw failed("passphrase_needed", { file: request.path });
        if (sealed && request.passphrase !== this.passphrase) throw failed("wrong_passphrase");
        this.#shown = this.#preview(sealed);
        return { response: "import", value: this.#shown };
      }
      case "import":
        return this.#import(request.id);
      case "cancel_import":
        if (this.#shown?.id === request.id) this.#shown = null;
        return { response: "done" };
    }
  }

  #preview(with_secrets: boolean): ImportPreview {
    this.#count += 1;
    const [gmail, drive, telegram] = ["gmail", "google_drive", "telegram"].map((name) =>
      this.#world.integrations.find(({ id }) => id === name),
    );
    const fate = with_secrets ? ("signed_in" as const) : ("needs_sign_in" as const);
    const coming = (id: string, of: typeof gmail, account: string) => ({
      id,
      integration: of?.id ?? "gmail",
      integration_name: of?.name ?? "Gmail",
      account,
      display_name: null,
      fate: this.#world.connections.some((one) => one.integration === of?.id && one.account === account) ? ("stays" as const) : fate,
      paused: false,
      token_allowed: false,
      chats: 0,
    });
    const settings_now = this.#life.settings;
    return {
      id: `import-${this.#count}`,
      made_at: "2026-11-20T09:00:00Z",
      made_by: "0.1.0",
      with_secrets,
      connections: [
        { ...coming("from-1", gmail, "anna@example.org"), token_allowed: true },
        coming("from-2", gmail, "anna.berg@example.com"),
        { ...coming("from-3", drive, "anna.berg@example.com"), paused: true },
        { ...coming("from-4", telegram, "@anna_news_bot"), chats: 3 },
      ],
      callers: [
        {
          caller: { kind: "agent", executable: "/opt/claude/claude" },
          name: "claude",
          added: true,
          admitted: true,
          writes: "ask",
          budget: { per_minute: 120, writes_per_day: 200 },
          rules: [
            { connection: "from-2", capability: "mail.send", effect: "allow", limits: { recipients: ["@example.org"], per_day: 20, folders: [] } },
            { connection: null, capability: "files.upload", effect: "deny", limits: { recipients: [], per_day: null, folders: [] } },
          ],
          folders_left_out: 1,
        },
        {
          caller: { kind: "program", executable: "/usr/bin/mutt" },
          name: "mutt",
          added: false,
          admitted: true,
          writes: "allow",
          budget: { per_minute: 600, writes_per_day: 1000 },
          rules: [],
          folders_left_out: 0,
        },
        {
          caller: { kind: "program", executable: "/usr/bin/unwelcome" },
          name: "unwelcome",
          added: true,
          admitted: false,
          writes: "ask",
          budget: { per_minute: 600, writes_per_day: 1000 },
          rules: [],
          folders_left_out: 0,
        },
      ],
      clients: [
        { provider: "google", kind: "desktop", client_id: "1234-own.apps.googleusercontent.com", fate: with_secrets ? "added" : "needs_secret" },
      ],
      settings_now,
      settings_then: {
        ...settings_now,
        undo_window_s: 30,
        ledger_days: 800,
        notify: { ...settings_now.notify, back: !settings_now.notify.back },
        quiet: { on: true, from_min: 1320, to_min: 420, approvals_pass: settings_now.quiet.approvals_pass },
        quotas: { ...settings_now.quotas, gmail: 6000 },
      },
    };
  }

  #import(id: string): Response {
    const shown = this.#shown;
    if (shown === null || shown.id !== id) {
      throw failed("import_refused", { reason: "What you looked at was forgotten after ten minutes. Choose the file again." });
    }
    this.#shown = null;
    const added = shown.connections
      .filter(({ fate }) => fate !== "stays")
      .flatMap((coming) => {
        const integration = this.#world.integrations.find(({ id: known }) => known === coming.integration);
        if (integration === undefined) return [];
        const since = new Date().toISOString();
        const status = coming.paused
          ? ({ kind: "paused" } as const)
          : coming.fate === "signed_in"
            ? ({ kind: "connected", proven_at: since } as const)
            : ({ kind: "needs_sign_in", cause: "imported", since } as const);
        return [{ coming, connection: connectionTo(integration, coming.account, { status, proven_at: null, checked_at: null }) }];
      });
    const connections = added.map(({ connection }) => connection);
    this.#world.connections.push(...connections);
    this.#life.settings = shown.settings_then;
    for (const connection of connections) this.#emit({ event: "connection_changed", connection });
    this.#emit({ event: "settings", settings: shown.settings_then });
    const reconnect = added.filter(({ coming }) => coming.fate !== "signed_in").map(({ connection }) => connection);
    return { response: "imported", value: { connections, reconnect, callers: 2, clients: 0 } };
  }
}
