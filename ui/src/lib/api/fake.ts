/**
 * A hub in memory, for component tests and for `npm run dev` in a plain browser (`?scenario=mixed`).
 * It keeps the promises the window relies on (events, one-use attempts, inline errors) and nothing else.
 */

import type {
  ConnectionView,
  Error as HubError,
  ErrorCode,
  Event,
  HubView,
  IntegrationView,
  Request,
  Response,
  SignInState,
  SignInView,
  TestStep,
  VaultState,
} from "./bindings.ts";
import { FakeDesktop } from "./fake_desktop.ts";
import { FakeDoctor } from "./fake_doctor.ts";
import { FakeLife, type LifeRequest } from "./fake_life.ts";
import { FakeMoving, type MovingRequest } from "./fake_moving.ts";
import { FakePolicy, type PolicyRequest } from "./fake_policy.ts";
import { accountOf, connectionTo, scenario, type World } from "./fake_world.ts";
import type { Transport } from "./transport.ts";

export interface FakeOptions {
  /** Milliseconds an answer takes; 0 in tests. */
  delay?: number;
  /** Milliseconds one step of a write takes; absent = it takes none by itself. */
  pace?: number;
  /** Milliseconds a stand-in person needs in the browser; never comes back when absent. */
  browser?: number;
}

const TEN_MINUTES_MS = 600_000;

export function failure(code: ErrorCode, args: Record<string, string> = {}, detail: string | null = null): HubError {
  return { code, args, retry_after_s: null, detail };
}

export class Fake extends FakeDesktop implements Transport {
  readonly world: World;
  /** Every request, in order. */
  readonly asked: Request[] = [];
  readonly life: FakeLife;
  readonly policy: FakePolicy;
  readonly doctor = new FakeDoctor();
  readonly moving: FakeMoving;
  shownTimes = 0;
  /** Requests of this name fail with this error until removed. */
  readonly failing = new Map<Request["request"], HubError>();
  /** Requests of this name wait for `release`. */
  readonly held = new Map<Request["request"], Promise<void>>();
  signIns: SignInView[] = [];
  /** The scopes of the last sign-in that was begun; `null` = all. */
  wanted: string[] | null = null;
  readonly #options: FakeOptions;
  #listener: (event: Event) => void = () => undefined;
  #count = 0;

  constructor(world: World, options: FakeOptions = {}) {
    super();
    this.world = world;
    this.#options = options;
    this.life = new FakeLife(world, (event) => this.emit(event), options.pace);
    this.policy = new FakePolicy(world, this.life, (event) => this.emit(event));
    this.moving = new FakeMoving(world, this.life, (event) => this.emit(event));
  }

  /** Makes requests of this name wait; call what it returns to let them through. */
  hold(name: Request["request"]): () => void {
    let release = () => undefined as void;
    this.held.set(name, new Promise<void>((done) => (release = done)));
    return () => {
      this.held.delete(name);
      release();
    };
  }

  emit(event: Event): void {
    this.#listener(structuredClone(event));
  }

  watch = async (listener: (event: Event) => void): Promise<void> => {
    this.#listener = listener;
  };

  shown = async (): Promise<void> => {
    this.shownTimes += 1;
  };

  registerLinks = async () => this.doctor.registerLinks();

  openSignIn = async (attempt: string): Promise<void> => {
    this.opened.push(attempt);
    const { browser } = this.#options;
    if (browser !== undefined) setTimeout(() => this.comeBack(attempt), browser);
  };

  ask = async (request: Request): Promise<Response> => {
    this.asked.push(structuredClone(request));
    await this.held.get(request.request);
    if (this.#options.delay) await new Promise((done) => setTimeout(done, this.#options.delay));
    const error = this.failing.get(request.request);
    if (error !== undefined) throw error;
    return structuredClone(await this.#answer(request));
  };

  async #answer(request: Request): Promise<Response> {
    const { world } = this;
    switch (request.request) {
      case "hub":
        return { response: "hub", value: this.#about() };
      case "list_integrations":
        return { response: "integrations", value: world.integrations };
      case "list_connections":
        return { response: "connections", value: world.connections };
      case "get_connection":
        return { response: "connection", value: this.#connection(request.connection) };
      case "list_sign_ins":
        return { response: "sign_ins", value: this.signIns };
      case "preview_disconnect":
        return { response: "disconnect_preview", value: this.#preview(request.connection) };
      case "doctor":
        return { response: "diagnosis", value: await this.doctor.look((event) => this.emit(event)) };
      case "refresh":
        for (const connection of world.connections) this.#prove(connection);
        return { response: "connections", value: world.connections };
      case "test":
        return await this.#test(this.#connection(request.connection));
      case "begin_sign_in":
        this.wanted = request.scopes;
        return { response: "sign_in", value: this.#begin(request.integration, request.connection) };
      case "begin_pick":
        return { response: "sign_in", value: this.#begin(this.#connection(request.connection).integration, request.connection) };
      case "deliver_redirect":
        return { response: "sign_in", value: this.#deliver(request.url) };
      case "cancel_sign_in":
        return {
          response: "sign_in",
          value: this.end(request.attempt, { kind: "failed", error: failure("sign_in_cancelled") }),
        };
      case "connect_with_form":
        return { response: "connection", value: this.#byForm(request) };
      case "disconnect":
        world.connections = world.connections.filter(({ id }) => id !== request.connection);
        this.emit({ event: "connection_removed", id: request.connection });
        return { response: "done" };
      case "set_paused": {
        const connection = this.#connection(request.connection);
        connection.status = request.paused ? { kind: "paused" } : { kind: "connected", proven_at: this.#now() };
        this.#changed(connection);
        return { response: "connection", value: connection };
      }
      case "rename_connection": {
        const connection = this.#connection(request.connection);
        const name = request.name?.trim() || null;
        if (name !== null && [...name].length > 40) throw failure("invalid_input", { field: "name", reason: "A name has at most 40 letters." });
        connection.name = name;
        this.#changed(connection);
        return { response: "connection", value: connection };
      }
      case "unlock_vault":
        if (request.passphrase !== world.passphrase) throw failure("wrong_passphrase");
        return this.#vault({ kind: "unlocked", place: "file" });
      case "use_keychain":
        return this.#vault({ kind: "unlocked", place: "keychain" });
      case "use_vault_file":
        return this.#vault({ kind: "unlocked", place: "file" });
      case "check_vault":
        return { response: "vault", value: world.vault };
      case "register_client":
        if (!request.client_id.endsWith(".apps.googleusercontent.com")) {
          const reason = "A Google client id ends in .apps.googleusercontent.com.";
          throw failure("invalid_input", { field: "client_id", reason });
        }
        return this.#register(request.kind, request.client_id);
      case "register_client_file": {
        if (!request.contents.includes("client_id")) {
          throw failure("invalid_input", { field: "contents", reason: "This file holds no client registration." });
        }
        return this.#register("desktop", "dropped.apps.googleusercontent.com", { project: "anna-autopilot", replace: request.replace });
      }
      case "remove_client":
        this.#eachClient((client) => {
          if (client.kind === request.kind) client.registered = null;
        });
        return { response: "done" };
      case "introduce":
        return { response: "standing", value: { admission: { admission: "admitted", at: this.#now() }, paused: false, can_ask: true } };
      case "read_token":
        throw failure("refused_caller");
      case "set_token_allowed": {
        const connection = this.#connection(request.connection);
        connection.token_allowed = request.allowed;
        this.#changed(connection);
        return { response: "connection", value: connection };
      }
      case "list_callers":
      case "admit_caller":
      case "set_rules":
      case "clear_taint":
      case "forget_caller":
      case "decide":
        return this.policy.answer(request satisfies PolicyRequest);
      case "export":
      case "export_to":
      case "preview_import":
      case "import":
      case "cancel_import":
        return this.moving.answer(request satisfies MovingRequest);
      case "open":
      case "hand_over":
      case "set_window_visible":
        return { response: "done" };
      default:
        return this.life.answer(request satisfies LifeRequest, (id) => this.#connection(id));
    }
  }

  #now = (): string => new Date().toISOString();

  #about(): HubView {
    const { vault, sandbox, remarks } = this.world;
    return { version: "0.1.0", profile: sandbox ? "sandbox" : "default", sandbox, headless: false, vault, remarks };
  }

  #connection(id: string): ConnectionView {
    const connection = this.world.connections.find((known) => known.id === id);
    if (connection === undefined) throw failure("unknown_connection", { connection: id });
    return connection;
  }

  #changed(connection: ConnectionView): void {
    this.emit({ event: "connection_changed", connection });
  }

  #prove(connection: ConnectionView): void {
    connection.checked_at = this.#now();
    if (connection.status.kind !== "connected") return;
    connection.proven_at = this.#now();
    connection.status = { kind: "connected", proven_at: connection.proven_at };
  }

  #preview(id: string): Extract<Response, { response: "disconnect_preview" }>["value"] {
    const connection = this.#connection(id);
    const google = (view: ConnectionView) => view.integration !== "telegram";
    if (!google(connection)) {
      const consequences = ["The bot's key stays valid. Only BotFather can end it, with /revoke."];
      return { connection: id, revocable: false, also_ends: [], consequences };
    }
    return {
      connection: id,
      revocable: true,
      also_ends: this.world.connections.filter(
        (other) => other.id !== id && google(other) && other.account === connection.account,
      ),
      consequences: ["Google ends everything this account allowed Autopilot, not this service alone."],
    };
  }

  async #test(connection: ConnectionView): Promise<Response> {
    const failsAt: Partial<Record<string, TestStep>> = {
      vault_locked: "vault",
      no_keychain: "vault",
      needs_sign_in: "token",
      offline: "service",
      service_down: "service",
      refused: "service",
    };
    const steps: Extract<Response, { response: "test" }>["value"]["steps"] = [];
    const failing = failsAt[connection.status.kind];
    for (const [step, milliseconds] of [["vault", 4], ["token", 38], ["service", 182]] as const) {
      this.emit({ event: "test", progress: { connection: connection.id, step, ok: null } });
      if (this.#options.delay) await new Promise((done) => setTimeout(done, this.#options.delay));
      const ok = step !== failing;
      this.emit({ event: "test", progress: { connection: connection.id, step, ok } });
      steps.push({ step, ok, milliseconds });
      if (!ok) break;
    }
    this.#prove(connection);
    const codes: Partial<Record<string, ErrorCode>> = { needs_sign_in: "sign_in_needed", no_keychain: "no_keychain" };
    const code = codes[connection.status.kind] ?? (failing === "vault" ? "vault_locked" : (connection.status.kind as ErrorCode));
    const error =
      failing === undefined || steps.every(({ ok }) => ok)
        ? null
        : failure(code === ("refused" as string) ? "service_refused" : code, {
            service: connection.integration_name,
            account: connection.account,
            why: "this API is switched off for the project.",
          });
    this.#changed(connection);
    return { response: "test", value: { connection, steps, error } };
  }

  #begin(integration: string, connection: string | null): SignInView {
    this.#count += 1;
    const signIn: SignInView = {
      id: `attempt-${this.#count}`,
      integration,
      connection,
      url: `https://accounts.example.org/authorize?attempt=${this.#count}`,
      redirect: "deep_link",
      expires_at: new Date(Date.now() + TEN_MINUTES_MS).toISOString(),
      state: { kind: "waiting" },
    };
    this.signIns.push(signIn);
    return signIn;
  }

  #deliver(url: string): SignInView {
    const waiting = this.signIns.findLast(({ state }) => state.kind === "waiting");
    if (!url.includes("code=")) {
      throw failure("invalid_input", { field: "url", reason: "This address holds no answer to a sign-in." });
    }
    if (waiting === undefined || url.includes("foreign")) throw failure("sign_in_unknown");
    return this.comeBack(waiting.id);
  }

  /** The person allowed everything in the browser. */
  comeBack(attempt: string, missing: string[] = []): SignInView {
    const signIn = this.signIns.find(({ id }) => id === attempt);
    if (signIn === undefined || signIn.state.kind !== "waiting") throw failure("sign_in_used");
    const integration = this.#integration(signIn.integration);
    const known = this.world.connections.find(({ id }) => id === signIn.connection);
    const connection = connectionTo(integration, known?.account ?? accountOf(integration), {
      ...(known ? { id: known.id, connected_at: known.connected_at } : {}),
      scopes: integration.scopes.map(({ scope, title }) => ({ scope, title, granted: (this.wanted?.includes(scope) ?? true) && !missing.includes(title) })),
    });
    this.world.connections = [...this.world.connections.filter(({ id }) => id !== connection.id), connection];
    this.#changed(connection);
    return this.end(attempt, { kind: "connected", connection, missing });
  }

  end(attempt: string, state: SignInState): SignInView {
    const signIn = this.signIns.find(({ id }) => id === attempt);
    if (signIn === undefined) throw failure("sign_in_unknown");
    signIn.state = state;
    this.emit({ event: "sign_in", sign_in: signIn });
    return signIn;
  }

  #byForm(request: Extract<Request, { request: "connect_with_form" }>): ConnectionView {
    const token = request.fields.token ?? "";
    if (!/^\d+:/.test(token)) {
      const reason = "The part before the colon should be the bot's number. Copy the whole key from BotFather.";
      throw failure("invalid_input", { field: "token", reason });
    }
    const connection = connectionTo(this.#integration(request.integration), "@sandbox_helper_bot");
    this.world.connections.push(connection);
    this.#changed(connection);
    return connection;
  }

  #integration(id: string): IntegrationView {
    const integration = this.world.integrations.find((known) => known.id === id);
    if (integration === undefined) throw failure("unknown_integration", { integration: id, known: "gmail" });
    return integration;
  }

  #vault(vault: VaultState): Response {
    this.world.vault = vault;
    this.emit({ event: "vault", vault });
    return { response: "vault", value: vault };
  }

  #register(kind: string, client_id: string, { project = null as string | null, replace = true } = {}): Response {
    let replaces = false;
    this.#eachClient((client) => {
      if (client.kind === kind && client.registered?.own && client.registered.client_id !== client_id) replaces = !replace;
    });
    if (replaces) return { response: "client_taken", value: { kind, client_id, project, replaces } };
    this.#eachClient((client) => {
      if (client.kind === kind) client.registered = { client_id, own: true };
    });
    this.emit({ event: "integrations_changed" });
    return { response: "client_taken", value: { kind, client_id, project, replaces } };
  }

  #eachClient(change: (client: { kind: string; registered: { client_id: string; own: boolean } | null }) => void): void {
    for (const { auth } of this.world.integrations) if (auth.kind === "oauth") auth.clients.forEach(change);
  }
}

/** The stand-in of `npm run dev`. */
export function fakeFor(name: string | null): Fake {
  const fake = new Fake(scenario(name === "ailing" ? "connected" : (name ?? "first_run")), { delay: 350, browser: 4000, pace: 500 });
  if (name === "unreachable") fake.failing.set("hub", failure("hub_unreachable"));
  if (name === "ailing") fake.doctor.ail();
  if (name === "loading") fake.hold("list_connections");
  return fake;
}

