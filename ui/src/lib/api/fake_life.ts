/**
 * The stand-in's actions, reads, ledger and settings. A write goes the way it goes in the hub (queued with its undo
 * window, sending, an end), as fast as the options say; tests move it along themselves.
 */

import type {
  ActionState,
  ActionView,
  ClaimState,
  ConnectionView,
  Error as HubError,
  ErrorCode,
  Event,
  LedgerEntry,
  LedgerFilter,
  Request,
  Response,
  Settings,
} from "./bindings.ts";
import { AGENTS } from "./fake_callers.ts";
import { chats, emails, files, health, ledger, pastActions, usage } from "./fake_things.ts";
import { fileName } from "../words.ts";
import type { World } from "./fake_world.ts";

export type LifeRequest = Extract<
  Request,
  {
    request:
      | "list_emails" | "read_email" | "list_files" | "download_file" | "list_chats" | "list_actions" | "get_action"
      | "list_ledger" | "verify_ledger" | "usage" | "health" | "get_settings" | "set_settings" | "act"
      | "cancel_action" | "send_now" | "resolve_action" | "run_workflow" | "begin_claim" | "cancel_claim" | "forget_chat";
  }
>;

const DAY = 86_400_000;
const BYTES_PER_FILE = 24_000_000;
const HOUR_MS = 3_600_000;
const MAIL_PAGE = 5;
const FILE_PAGE = 40;

const error = (code: ErrorCode, args: Record<string, string> = {}): HubError => ({
  code, args, retry_after_s: null, detail: null,
});

/** Black squares that mean nothing. */
const QR =
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 25 25" shape-rendering="crispEdges"><rect width="25" height="25" fill="white"/>` +
  Array.from({ length: 441 }, (_, n) => [n % 21, Math.floor(n / 21), (n * 7919) % 13] as const)
    .filter(([x, y, odd]) => {
      const eye = (a: number, b: number) => Math.max(Math.abs(x - a), Math.abs(y - b));
      const ring = Math.min(eye(3, 3), eye(17, 3), eye(3, 17));
      return ring <= 3 ? ring !== 2 : ring === 4 ? false : odd < 6;
    })
    .map(([x, y]) => `<rect x="${x + 2}" y="${y + 2}" width="1" height="1"/>`)
    .join("") +
  `</svg>`;

/** As the hub does, of what the window lets through. */
function refuseSettings({ network, quiet }: Settings): void {
  const refuse = (field: string, reason: string) => {
    throw error("invalid_input", { field, reason });
  };
  if (quiet.on && quiet.from_min === quiet.to_min) refuse("quiet", "Quiet hours begin and end at different times.");
  if (network.authority?.endsWith(".txt")) refuse("network.authority", `The file ${network.authority} holds no certificate in PEM form.`);
  if (network.proxy.kind !== "own") return;
  if (network.proxy.url.includes("@")) {
    refuse("network.proxy", "Leave out the user name and password: settings keep no secrets, and Autopilot can't sign in to a proxy.");
  }
  if (!/^https?:\/\/.+:\d+\/?$/.test(network.proxy.url)) {
    refuse("network.proxy", "A proxy is written as http://host:port, with nothing after the port.");
  }
}

export class FakeLife {
  actions: ActionView[];
  ledger: LedgerEntry[];
  settings: Settings = {
    undo_window_s: 10,
    queue_expiry_h: 24,
    ledger_days: 400,
    approval_expiry_min: 60,
    agents_paused: false,
    quotas: {},
    refresh_s: 30,
    notify: { trouble: true, back: true, expiring: true, approvals: true, outcomes: true },
    quiet: { on: false, from_min: 1320, to_min: 420, approvals_pass: false },
    network: { proxy: { kind: "system" }, authority: null },
    close_to_tray: true,
    language: null,
  };
  check: Extract<Response, { response: "ledger_check" }>["value"] = {
    lines: 0, dropped_days: 0, verdict: { verdict: "whole" },
  };
  chats = chats(Date.now());
  /** What a try ends in; `undefined` = it goes well. */
  fate: ActionState | undefined;
  readonly #world: World;
  readonly #emit: (event: Event) => void;
  /** Milliseconds a step takes by itself; absent = tests take each step. */
  readonly #pace: number | undefined;

  constructor(world: World, emit: (event: Event) => void, pace: number | undefined) {
    this.#world = world;
    this.#emit = emit;
    this.#pace = pace;
    this.actions = world.lively ? pastActions(Date.now(), world.connections) : [];
    this.ledger = ledger(Date.now(), world.connections, world.lines, ...(world.agents ? [[null, ...AGENTS]] : []));
  }

  answer(request: LifeRequest, connection: (id: string) => ConnectionView): Response {
    const now = Date.now();
    switch (request.request) {
      case "list_emails": {
        const all = emails(now, connection(request.connection).account).map(({ summary }) => summary);
        const wanted = request.query.search.toLowerCase();
        const found = all.filter(({ subject, from }) => `${from} ${subject}`.toLowerCase().includes(wanted));
        const [page, next] = paged(found, request.query.page, MAIL_PAGE);
        return { response: "emails", value: { emails: page, next } };
      }
      case "read_email": {
        const email = emails(now, connection(request.connection).account).find(({ summary }) => summary.id === request.id);
        if (email === undefined) throw error("invalid_input", { reason: "This mail is no longer there." });
        const folder = request.save_attachments_to;
        if (folder !== null) for (const attachment of email.attachments) attachment.saved_as = `${folder}/${attachment.name}`;
        return { response: "email", value: email };
      }
      case "list_files": {
        const { search, order, folder, page } = request.query;
        const found = files(now)
          .filter(({ name, is_folder }) => name.toLowerCase().includes(search.toLowerCase()) && !(folder && is_folder))
          .sort((a, b) =>
            order === "name"
              ? a.name.localeCompare(b.name)
              : order === "size"
                ? (b.size ?? 0) - (a.size ?? 0)
                : (b.modified_at ?? "").localeCompare(a.modified_at ?? ""),
          );
        const [some, next] = paged(folder === null ? found : found.slice(6, 18), page, FILE_PAGE);
        return { response: "files", value: { files: some, next } };
      }
      case "download_file": {
        const file = files(now).find(({ id }) => id === request.file);
        if (file === undefined || request.folder === "/nowhere") throw error("folder_unwritable", { folder: request.folder });
        const size = file.size ?? 0;
        this.#emit({ event: "download", id: request.id, progress: { done: size, total: size } });
        return { response: "downloaded", value: { path: `${request.folder}/${file.name}`, size, sha256: "0".repeat(64) } };
      }
      case "list_chats":
        return { response: "chats", value: this.chats };
      case "forget_chat":
        this.chats = this.chats.filter(({ id }) => id !== request.chat);
        return { response: "done" };
      case "begin_claim":
        return { response: "claim", value: this.claim(request.connection, { state: "waiting" }) };
      case "cancel_claim":
        this.claim(request.connection, { state: "cancelled" });
        return { response: "done" };
      case "list_actions":
        return { response: "actions", value: this.actions };
      case "get_action":
        return { response: "action", value: this.#find(request.id) };
      case "act":
        return { response: "action", value: this.#act(request, connection(request.connection)) };
      case "cancel_action":
        return { response: "action", value: this.move(request.id, { state: "cancelled", at: new Date().toISOString() }) };
      case "send_now":
        return { response: "action", value: this.send(request.id) };
      case "resolve_action": {
        const at = new Date().toISOString();
        if (request.resolution === "discard") return { response: "action", value: this.move(request.id, { state: "sent", at, results: [] }) };
        return { response: "action", value: this.send(request.id) };
      }
      case "run_workflow":
        return { response: "actions", value: [] };
      case "list_ledger":
        return { response: "ledger", value: this.#lines(request.filter) };
      case "verify_ledger":
        return { response: "ledger_check", value: { ...this.check, lines: this.ledger.length } };
      case "usage": {
        const rows = this.#world.lines === 0 ? [] : usage(now, this.#world.connections, request.query.days ?? 30, this.#world.agents ? AGENTS : []);
        const of = request.query.connection;
        return { response: "usage", value: rows.filter(({ connection: id }) => of === null || id === of) };
      }
      case "health": {
        const existed = Math.max(60, (now - Date.parse(connection(request.connection).connected_at)) / DAY);
        return { response: "health", value: health(now, request.days, existed) };
      }
      case "get_settings":
        return { response: "settings", value: this.settings };
      case "set_settings":
        refuseSettings(request.settings);
        this.settings = request.settings;
        this.#emit({ event: "settings", settings: this.settings });
        return { response: "settings", value: this.settings };
    }
  }

  #lines(filter: LedgerFilter): LedgerEntry[] {
    return this.ledger
      .filter(
        (line) =>
          (filter.connection === null || line.connection === filter.connection) &&
          (filter.kind === null || line.kind === filter.kind) &&
          (filter.capability === null || line.capability === filter.capability) &&
          (!filter.failures_only || !["ok", "sent", "connected"].includes(line.result)) &&
          (filter.since === null || line.at >= filter.since) &&
          (filter.until === null || line.at <= filter.until) &&
          (filter.before === null || line.seq < filter.before),
      )
      .slice(0, filter.limit ?? 200);
  }

  #find(id: string): ActionView {
    const action = this.actions.find((known) => known.id === id);
    if (action === undefined) throw error("unknown_action", { action: id });
    return action;
  }

  #act(request: Extract<Request, { request: "act" }>, connection: ConnectionView): ActionView {
    const known = this.actions.find(({ id }) => id === request.id);
    if (known !== undefined) return known;
    const { action } = request;
    const mail = action.action === "send_email" ? action : null;
    if (mail?.to.some((address) => !address.includes("@"))) {
      throw error("invalid_input", { field: "to", reason: "One of the addresses has no @ in it." });
    }
    const paths = action.action === "upload_files" ? action.files : action.action === "send_email" ? action.attachments : [];
    const unreadable = paths.find((path) => path.includes("missing"));
    if (unreadable !== undefined) throw error("file_unreadable", { file: unreadable });
    const undo = action.action === "upload_files" ? 0 : (request.undo_s ?? this.settings.undo_window_s);
    const until = new Date(Date.now() + undo * 1000).toISOString();
    const made: ActionView = {
      id: request.id,
      connection: connection.id,
      integration: connection.integration,
      integration_name: connection.integration_name,
      account: connection.account,
      capability: { send_email: "mail.send", upload_files: "files.upload", send_message: "message.send" }[action.action] as ActionView["capability"],
      caller: { kind: "window" },
      created_at: new Date().toISOString(),
      state: {
        state: "queued",
        not_before: until,
        expires: new Date(Date.now() + this.settings.queue_expiry_h * HOUR_MS).toISOString(),
        why: undo > 0 ? "undo" : "turn",
      },
      outline: {
        recipients: mail ? mail.to.length + mail.cc.length + mail.bcc.length : action.action === "send_message" ? 1 : 0,
        files: paths.length,
        bytes: paths.length * BYTES_PER_FILE,
      },
      content: action,
      files: paths.map((path) => ({ path, name: fileName(path), size: BYTES_PER_FILE })),
      tries: 0,
      progress: null,
    };
    this.add(made);
    if (this.#pace !== undefined || undo === 0) setTimeout(() => this.#find(made.id).state.state === "queued" && this.send(made.id), undo * 1000);
    return made;
  }

  add(action: ActionView): void {
    this.actions.unshift(action);
    this.#emit({ event: "action", action });
  }

  /** Goes out by itself where there is a pace, as what was approved does. */
  release(id: string): ActionView {
    const now = new Date();
    const expires = new Date(now.getTime() + this.settings.queue_expiry_h * HOUR_MS).toISOString();
    const queued = this.move(id, { state: "queued", not_before: now.toISOString(), expires, why: "turn" });
    if (this.#pace !== undefined) setTimeout(() => this.send(id), this.#pace);
    return queued;
  }

  /** On the wire from now on; goes on by itself where there is a pace. */
  send(id: string): ActionView {
    const action = this.#find(id);
    action.tries += 1;
    const bytes = action.outline.bytes;
    action.progress = bytes > 0 ? { done: 0, total: bytes } : null;
    const sending = this.move(id, { state: "sending", since: new Date().toISOString() });
    if (this.#pace !== undefined) this.#goOn(id, this.#pace);
    return sending;
  }

  #goOn(id: string, pace: number): void {
    setTimeout(() => {
      const action = this.#find(id);
      if (action.state.state !== "sending") return;
      const { progress } = action;
      if (progress !== null && progress.done < progress.total) {
        this.progress(id, Math.min(progress.total, progress.done + progress.total / 12));
        this.#goOn(id, pace);
        return;
      }
      this.finish(id);
    }, pace);
  }

  progress(id: string, done: number): void {
    const action = this.#find(id);
    action.progress = { done, total: action.outline.bytes };
    this.#emit({ event: "action", action });
  }

  /** Ends as its fate has it, or well. */
  finish(id: string): ActionView {
    const link = "https://service.example.org/item/1";
    const at = new Date().toISOString();
    return this.move(id, this.fate ?? { state: "sent", at, results: [{ id: "1", within: null, link }] });
  }

  move(id: string, state: ActionState): ActionView {
    const action = this.#find(id);
    if (state.state === "cancelled" && !["awaiting_approval", "queued", "sending"].includes(action.state.state)) {
      throw error("too_late", { state: action.state.state });
    }
    action.state = state;
    if (state.state !== "sending") action.progress = null;
    this.#emit({ event: "action", action });
    return action;
  }

  claim(connection: string, state: ClaimState): Extract<Response, { response: "claim" }>["value"] {
    const claim = {
      connection,
      link: "https://t.me/sandbox_helper_bot?start=k3QzP0x9",
      group_link: "https://t.me/sandbox_helper_bot?startgroup=k3QzP0x9",
      qr_svg: QR,
      expires_at: new Date(Date.now() + 600_000).toISOString(),
      state,
    };
    if (state.state === "claimed") this.chats = [...this.chats, state.chat];
    this.#emit({ event: "claim", claim });
    return claim;
  }
}

function paged<T>(all: T[], page: string | null, size: number): [T[], string | null] {
  const from = page === null ? 0 : Number(page);
  const next = from + size < all.length ? String(from + size) : null;
  return [all.slice(from, from + size), next];
}
