/** Everything the window knows, in one handle that is passed by context: no globals, so each test has its own. */

import { createContext } from "svelte";

import type {
  ActionId,
  Caller,
  CallerView,
  ClaimView,
  ConnectionId,
  DoctorProgress,
  Error as HubError,
  Event,
  HubView,
  Imported,
  IntegrationId,
  IntegrationView,
  OpenTarget,
  Rule,
  Settings,
  VaultState,
} from "../api/bindings.ts";
import { Hub } from "../api/hub.ts";
import { asHubError, type Transport } from "../api/transport.ts";
import type { Language } from "../languages.ts";
import { wordOf } from "../status.ts";
import { t } from "../texts.ts";
import { vaultWords } from "../vault_words.ts";
import { shown } from "../visible.ts";
import { Actions } from "./actions.svelte.ts";
import { Approvals } from "./approvals.svelte.ts";
import { Callers } from "./callers.svelte.ts";
import { Clock } from "./clock.svelte.ts";
import { Connections } from "./connections.svelte.ts";
import { Deeds } from "./deeds.svelte.ts";
import { Dialogs } from "./dialogs.svelte.ts";
import { Drops } from "./drops.svelte.ts";
import { lead } from "./lead.ts";
import { Menus } from "./menus.svelte.ts";
import { SignInEnds } from "./sign_in_ends.ts";
import { SignIns } from "./sign_ins.svelte.ts";
import { ThemeChoice } from "./theme.svelte.ts";
import { Undo } from "./undo.svelte.ts";

export type Page = "connections" | "agents" | "activity" | "settings";
/** Parts of the settings; each has its own component, listed in lib/settings_parts.ts. */
export type SettingsPart =
  | "general"
  | "sending"
  | "notifications"
  | "checking"
  | "network"
  | "privacy"
  | "secrets"
  | "registrations"
  | "diagnostics";
export type Phase = "loading" | "ready" | "unreachable";

export class App {
  readonly hub: Hub;
  readonly connections: Connections;
  readonly signIns: SignIns;
  readonly actions: Actions;
  readonly approvals: Approvals;
  readonly callers: Callers;
  readonly deeds: Deeds;
  readonly dialogs = new Dialogs();
  readonly drops = new Drops();
  readonly menus = new Menus();
  readonly undo = new Undo();
  readonly signInEnds = new SignInEnds(this);
  readonly clock = new Clock();
  readonly theme = new ThemeChoice();

  phase = $state<Phase>("loading");
  page = $state<Page>("connections");
  /** The action to scroll to and mark in the activity. */
  actionInView = $state<ActionId | null>(null);
  /** The connection whose history alone is asked for; the activity takes it up. */
  ledgerOf = $state<ConnectionId | null>(null);
  /** The caller to scroll to and mark among the agents. */
  callerInView = $state<Caller | null>(null);
  settings = $state<Settings | null>(null);
  settingsPart = $state<SettingsPart>("general");
  /** Chats being made known, by connection. */
  claims = $state<Record<ConnectionId, ClaimView>>({});
  /** Why the hub couldn't be asked. */
  trouble = $state<HubError | null>(null);
  about = $state<HubView | null>(null);
  integrations = $state<IntegrationView[]>([]);
  /** What was imported, until its dialog is closed: each sign-in to it comes back there. */
  arrived = $state<Imported | null>(null);
  /** When all connections were last checked on request or by loading. */
  checkedAt = $state<string | null>(null);
  refreshing = $state(false);
  /** Spoken by screen readers: what changed. */
  announcement = $state("");
  /** The card to scroll to and mark, by connection. */
  spotlight = $state<string | null>(null);
  #watching = false;
  /** Changes of settings, one after the other: each begins with what the one before it left. */
  #choosing: Promise<unknown> = Promise.resolve();
  /** Whoever watches the check-up now. */
  #heardByDoctor: ((progress: DoctorProgress) => void) | null = null;

  constructor(transport: Transport) {
    this.hub = new Hub(transport);
    this.connections = new Connections(this.hub);
    this.signIns = new SignIns(this.hub);
    this.actions = new Actions(this.hub);
    this.approvals = new Approvals(this.hub, this.actions);
    this.callers = new Callers(this.hub);
    this.deeds = new Deeds(this.hub);
  }

  get vault(): VaultState | null {
    return this.about?.vault ?? null;
  }

  integration(id: IntegrationId): IntegrationView | undefined {
    return this.integrations.find((integration) => integration.id === id);
  }

  /** The latest moment any connection was really tried. */
  get lastChecked(): string | null {
    const moments = this.connections.all.flatMap(({ checked_at }) => (checked_at === null ? [] : [checked_at]));
    if (this.checkedAt !== null) moments.push(this.checkedAt);
    return moments.length === 0 ? null : moments.reduce((a, b) => (Date.parse(a) > Date.parse(b) ? a : b));
  }

  async load(): Promise<void> {
    this.trouble = null;
    if (this.phase === "unreachable") this.phase = "loading";
    try {
      if (!this.#watching) {
        // First, so that nothing that happens while the lists are read is missed.
        await this.hub.watch((event) => this.take(event));
        await this.hub.watchDrops((drop) => this.drops.take(drop)).catch(() => undefined); // Paths can be typed.
        this.#watching = true;
      }
      const [about, integrations, connections] = await Promise.all([
        this.hub.about(),
        this.hub.listIntegrations(),
        this.hub.listConnections(),
        this.signIns.load(),
        this.actions.load().catch(() => undefined), // The activity asks again, and says why not.
        this.callers.load(), // The agents' page says why not.
        this.#readSettings(),
      ]);
      this.about = about;
      this.integrations = integrations;
      this.connections.all = connections;
      this.phase = "ready";
    } catch (thrown) {
      this.trouble = asHubError(thrown);
      this.phase = "unreachable";
    }
  }

  /** Whether agents are paused is shown everywhere; dialogs that need the rest ask again and say why not. */
  async #readSettings(): Promise<void> {
    this.settings = await this.hub.settings().catch(() => this.settings);
  }

  async refresh(): Promise<void> {
    if (this.refreshing) return;
    this.refreshing = true;
    await this.#tried(
      this.hub.refresh().then((all) => {
        this.connections.all = all;
        this.checkedAt = new Date().toISOString();
        this.announcement = t("ui_said_checked");
      }),
    );
    this.refreshing = false;
  }

  /** At once, and it can be taken back for a moment. */
  async setPaused(id: string, paused: boolean): Promise<void> {
    const which = this.#callIt(id);
    this.undo.offer(t(paused ? "ui_did_pause" : "ui_did_resume", { which }), () => void this.#tried(this.connections.setPaused(id, !paused)));
    if (!(await this.#tried(this.connections.setPaused(id, paused)))) this.undo.forget();
  }

  /** Throws what the hub says of the name: it belongs beside the field. */
  async rename(id: string, name: string | null): Promise<void> {
    const before = this.connections.find(id)?.name ?? null;
    await this.connections.rename(id, name);
    const which = this.#callIt(id, true);
    const words = name === null ? t("ui_did_unname", { which }) : t("ui_did_rename", { which, name });
    this.undo.offer(words, () => void this.#tried(this.connections.rename(id, before)));
  }

  /** Put back is this rule alone: what was changed since stays. */
  offerRuleBack({ caller, name }: CallerView, rule: Rule, at: number): void {
    this.undo.offer(t("ui_did_remove_rule", { name }), () => {
      const now = this.callers.find(caller);
      if (now !== undefined) void this.#tried(this.callers.setRules(now, now.rules.toSpliced(at, 0, rule), now.writes, now.budget));
    });
  }

  #callIt(id: string, byAccount = false): string {
    const connection = this.connections.find(id);
    if (connection === undefined) return "";
    return t("ui_service_account", { service: connection.integration_name, account: (byAccount ? null : connection.name) ?? connection.account });
  }

  /** Where nothing else would say why it didn't work. What an earlier one said is over. True = it worked. */
  #tried(doing: Promise<void>): Promise<boolean> {
    this.trouble = null;
    return doing.then(
      () => true,
      (thrown: unknown) => {
        this.trouble = asHubError(thrown);
        return false;
      },
    );
  }

  /** Asked for anew first: nothing else is to be set back by this. */
  async chooseSettings(change: (settings: Settings) => Settings): Promise<void> {
    const turn = this.#choosing.then(async () => {
      this.settings = await this.hub.setSettings(change(await this.hub.settings()));
    });
    this.#choosing = turn.catch(() => undefined);
    await turn;
  }

  /** What the system shows for us (notices, the tray) speaks as the window does. */
  async speak(language: Language): Promise<void> {
    if (this.settings === null || (this.settings.language ?? "en") === language) return;
    await this.chooseSettings((settings) => ({ ...settings, language })).catch(() => undefined); // Told again at the next start.
  }

  async turnAgents(agents_paused: boolean): Promise<void> {
    await this.chooseSettings((settings) => ({ ...settings, agents_paused }));
    this.announcement = agents_paused ? t("ui_agents_paused") : t("ui_said_agents_resumed");
  }

  /** The same where nothing else would say why it didn't work. */
  async pauseAgents(agents_paused: boolean): Promise<void> {
    await this.#tried(this.turnAgents(agents_paused));
  }

  /** What the vault was in the way of goes on as soon as it isn't. */
  setVault(vault: VaultState): void {
    if (this.about !== null) this.about.vault = vault;
    const { open } = this.dialogs;
    if (open?.kind === "vault" && open.then !== undefined && vault.kind === "unlocked") {
      this.connect(open.then.integration, open.then.connection);
    }
  }

  /** Until what it returns is called. */
  watchDoctor(listener: (progress: DoctorProgress) => void): () => void {
    this.#heardByDoctor = listener;
    return () => {
      if (this.#heardByDoctor === listener) this.#heardByDoctor = null;
    };
  }

  take(event: Event): void {
    switch (event.event) {
      case "connection_changed": {
        const { connection } = event;
        const before = this.connections.find(connection.id);
        if (before === undefined || before.status.kind !== connection.status.kind) {
          this.announcement = t("ui_said_status", {
            service: connection.integration_name,
            account: connection.name ?? connection.account,
            status: wordOf(connection.status),
          });
        }
        this.connections.put(connection);
        break;
      }
      case "connection_removed":
        this.connections.remove(event.id);
        break;
      case "sign_in":
        this.signInEnds.take(event.sign_in);
        break;
      case "vault":
        this.setVault(event.vault);
        break;
      case "test":
        this.connections.progress(event.progress);
        break;
      case "doctor":
        this.#heardByDoctor?.(event.progress);
        break;
      case "action":
        this.actions.put(event.action);
        break;
      case "download":
        this.actions.downloads[event.id] = event.progress;
        break;
      case "claim":
        this.claims[event.claim.connection] = event.claim;
        break;
      case "settings":
        this.settings = event.settings;
        break;
      case "caller_changed": {
        const { caller } = event;
        const before = this.callers.find(caller.caller);
        this.callers.put(caller);
        if (caller.admission.admission === "waiting" && before?.admission.admission !== "waiting") {
          this.announcement = t("ui_said_waits_admission", { name: shown(caller.name) });
        }
        break;
      }
      case "caller_removed":
        this.callers.remove(event.caller);
        break;
      case "integrations_changed":
        void this.#reloadIntegrations();
        break;
      case "notice":
        break; // The operating system shows it.
      case "open":
        void this.goTo(event.target);
        break;
      default:
        event satisfies never; // A new event has to be taken in.
    }
  }

  async #reloadIntegrations(): Promise<void> {
    try {
      this.integrations = await this.hub.listIntegrations();
    } catch (thrown) {
      this.trouble = asHubError(thrown);
    }
  }

  /** Opens the connect dialog; one still waiting for the browser is taken up where it is. */
  connect(integration: IntegrationId, connection: string | null): void {
    // Where a sign-in is kept is settled before it is made, not found out at its end.
    if (this.vault !== null && vaultWords(this.vault).troubled) {
      this.dialogs.show({ kind: "vault", then: { integration, connection } });
      return;
    }
    const attempt = this.signIns.underWay(integration, connection)?.id ?? null;
    this.dialogs.show({ kind: "connect", integration, connection, attempt });
  }

  showSettings(part: SettingsPart): void {
    this.settingsPart = part;
    this.show("settings");
  }

  /** Where nothing else would say why it didn't work. */
  async openSandbox(): Promise<void> {
    await this.#tried(this.hub.openSandbox());
  }

  show(page: Page): void {
    this.page = page;
    if (page !== "activity") this.actionInView = null;
    if (page !== "agents") this.callerInView = null;
  }

  /** The history, of one connection alone. */
  showLedger(connection: ConnectionId): void {
    this.dialogs.close();
    this.ledgerOf = connection;
    this.show("activity");
  }


  /** Where a notification, a link or another program wants the window to be. */
  async goTo(target: OpenTarget): Promise<void> {
    await lead(this, target);
  }
}

export const [useApp, provideApp] = createContext<App>();
