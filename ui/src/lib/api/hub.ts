/** The hub's door, typed: one function a request, each giving back what that request answers. */

import type {
  Action,
  ActionFilter,
  ActionId,
  ActionView,
  AttemptId,
  Budget,
  Caller,
  CallerView,
  Chat,
  ClaimView,
  ClientTaken,
  ConnectionId,
  ConnectionView,
  Decision,
  Diagnosis,
  DisconnectPreview,
  Downloaded,
  Effect,
  Email,
  EmailPage,
  EmailQuery,
  Event,
  Exported,
  FilePage,
  FileQuery,
  HealthDay,
  HubView,
  Imported,
  ImportId,
  ImportPreview,
  IntegrationId,
  IntegrationView,
  LedgerCheck,
  LedgerEntry,
  LedgerFilter,
  ProviderId,
  Request,
  Resolution,
  Response,
  Rule,
  Settings,
  SignInView,
  TestReport,
  UsageQuery,
  UsageRow,
  VaultState,
} from "./bindings.ts";
import {
  asHubError,
  type AgentClient,
  type AgentClientId,
  type AgentSetupBlock,
  type AgentSetupChange,
  type AgentSetupDone,
  type Drop,
  type Shell,
  type ShellPlace,
  type Transport,
} from "./transport.ts";

type Answer<K extends Response["response"]> = Extract<Response, { response: K }> extends { value: infer V } ? V : void;

export class Hub {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async #ask<K extends Response["response"]>(request: Request, expected: K): Promise<Answer<K>> {
    const response = await this.#transport.ask(request);
    if (response.response !== expected) {
      throw asHubError(new Error(`${request.request} was answered with ${response.response}`));
    }
    return ("value" in response ? response.value : undefined) as Answer<K>;
  }

  about = (): Promise<HubView> => this.#ask({ request: "hub" }, "hub");
  listIntegrations = (): Promise<IntegrationView[]> => this.#ask({ request: "list_integrations" }, "integrations");
  listConnections = (): Promise<ConnectionView[]> => this.#ask({ request: "list_connections" }, "connections");
  listSignIns = (): Promise<SignInView[]> => this.#ask({ request: "list_sign_ins" }, "sign_ins");
  previewDisconnect = (connection: ConnectionId): Promise<DisconnectPreview> =>
    this.#ask({ request: "preview_disconnect", connection }, "disconnect_preview");

  refresh = (): Promise<ConnectionView[]> => this.#ask({ request: "refresh" }, "connections");
  test = (connection: ConnectionId): Promise<TestReport> => this.#ask({ request: "test", connection }, "test");
  beginSignIn = (
    integration: IntegrationId,
    connection: ConnectionId | null,
    scopes: string[] | null,
  ): Promise<SignInView> =>
    this.#ask({ request: "begin_sign_in", integration, connection, scopes, redirect: null }, "sign_in");
  /** A sign-in at which the person hands over files of theirs. */
  beginPick = (connection: ConnectionId): Promise<SignInView> =>
    this.#ask({ request: "begin_pick", connection, redirect: null }, "sign_in");
  deliverRedirect = (url: string): Promise<SignInView> => this.#ask({ request: "deliver_redirect", url }, "sign_in");
  cancelSignIn = (attempt: AttemptId): Promise<SignInView> =>
    this.#ask({ request: "cancel_sign_in", attempt }, "sign_in");
  connectWithForm = (
    integration: IntegrationId,
    connection: ConnectionId | null,
    fields: Record<string, string>,
  ): Promise<ConnectionView> =>
    this.#ask({ request: "connect_with_form", integration, connection, fields }, "connection");
  disconnect = (connection: ConnectionId, revoke: boolean): Promise<void> =>
    this.#ask({ request: "disconnect", connection, revoke }, "done");
  setPaused = (connection: ConnectionId, paused: boolean): Promise<ConnectionView> =>
    this.#ask({ request: "set_paused", connection, paused }, "connection");
  rename = (connection: ConnectionId, name: string | null): Promise<ConnectionView> =>
    this.#ask({ request: "rename_connection", connection, name }, "connection");

  doctor = (): Promise<Diagnosis> => this.#ask({ request: "doctor" }, "diagnosis");
  unlockVault = (passphrase: string): Promise<VaultState> =>
    this.#ask({ request: "unlock_vault", passphrase }, "vault");
  checkVault = (): Promise<VaultState> => this.#ask({ request: "check_vault" }, "vault");
  useVaultFile = (passphrase: string): Promise<VaultState> =>
    this.#ask({ request: "use_vault_file", passphrase }, "vault");
  useKeychain = (): Promise<VaultState> => this.#ask({ request: "use_keychain" }, "vault");
  registerClient = (
    provider: ProviderId,
    kind: string,
    client_id: string,
    client_secret: string | null,
  ): Promise<ClientTaken> =>
    this.#ask({ request: "register_client", provider, kind, client_id, client_secret }, "client_taken");
  registerClientFile = (provider: ProviderId, contents: string, replace: boolean): Promise<ClientTaken> =>
    this.#ask({ request: "register_client_file", provider, contents, replace }, "client_taken");
  removeClient = (provider: ProviderId, kind: string): Promise<void> =>
    this.#ask({ request: "remove_client", provider, kind }, "done");

  listEmails = (connection: ConnectionId, query: EmailQuery): Promise<EmailPage> =>
    this.#ask({ request: "list_emails", connection, query }, "emails");
  readEmail = (connection: ConnectionId, id: string, save_attachments_to: string | null): Promise<Email> =>
    this.#ask({ request: "read_email", connection, id, save_attachments_to }, "email");
  listFiles = (connection: ConnectionId, query: FileQuery): Promise<FilePage> =>
    this.#ask({ request: "list_files", connection, query }, "files");
  downloadFile = (id: ActionId, connection: ConnectionId, file: string, folder: string): Promise<Downloaded> =>
    this.#ask({ request: "download_file", id, connection, file, folder, name: null }, "downloaded");
  listChats = (connection: ConnectionId): Promise<Chat[]> => this.#ask({ request: "list_chats", connection }, "chats");
  forgetChat = (connection: ConnectionId, chat: string): Promise<void> =>
    this.#ask({ request: "forget_chat", connection, chat }, "done");
  beginClaim = (connection: ConnectionId): Promise<ClaimView> =>
    this.#ask({ request: "begin_claim", connection }, "claim");
  cancelClaim = (connection: ConnectionId): Promise<void> =>
    this.#ask({ request: "cancel_claim", connection }, "done");

  act = (id: ActionId, connection: ConnectionId, action: Action): Promise<ActionView> =>
    this.#ask({ request: "act", id, connection, action, undo_s: null }, "action");
  cancelAction = (id: ActionId): Promise<ActionView> => this.#ask({ request: "cancel_action", id }, "action");
  sendNow = (id: ActionId): Promise<ActionView> => this.#ask({ request: "send_now", id }, "action");
  resolveAction = (id: ActionId, resolution: Resolution): Promise<ActionView> =>
    this.#ask({ request: "resolve_action", id, resolution }, "action");
  listActions = (filter: ActionFilter): Promise<ActionView[]> =>
    this.#ask({ request: "list_actions", filter }, "actions");
  getAction = (id: ActionId): Promise<ActionView> => this.#ask({ request: "get_action", id }, "action");

  listLedger = (filter: LedgerFilter): Promise<LedgerEntry[]> =>
    this.#ask({ request: "list_ledger", filter }, "ledger");
  verifyLedger = (): Promise<LedgerCheck> => this.#ask({ request: "verify_ledger" }, "ledger_check");
  usage = (query: UsageQuery): Promise<UsageRow[]> => this.#ask({ request: "usage", query }, "usage");
  health = (connection: ConnectionId, days: number, utc_offset_min: number): Promise<HealthDay[]> =>
    this.#ask({ request: "health", connection, days, utc_offset_min }, "health");
  settings = (): Promise<Settings> => this.#ask({ request: "get_settings" }, "settings");
  setSettings = (settings: Settings): Promise<Settings> =>
    this.#ask({ request: "set_settings", settings }, "settings");

  listCallers = (): Promise<CallerView[]> => this.#ask({ request: "list_callers" }, "callers");
  admitCaller = (caller: Caller, admit: boolean, writes: Effect): Promise<CallerView> =>
    this.#ask({ request: "admit_caller", caller, admit, writes }, "caller");
  setRules = (caller: Caller, rules: Rule[], writes: Effect, budget: Budget): Promise<CallerView> =>
    this.#ask({ request: "set_rules", caller, rules, writes, budget }, "caller");
  clearTaint = (caller: Caller): Promise<CallerView> => this.#ask({ request: "clear_taint", caller }, "caller");
  forgetCaller = (caller: Caller): Promise<void> => this.#ask({ request: "forget_caller", caller }, "done");
  decide = (id: ActionId, decision: Decision): Promise<ActionView> =>
    this.#ask({ request: "decide", id, decision }, "action");
  setTokenAllowed = (connection: ConnectionId, allowed: boolean): Promise<ConnectionView> =>
    this.#ask({ request: "set_token_allowed", connection, allowed }, "connection");

  exportTo = (path: string, passphrase: string | null, replace: boolean): Promise<Exported> =>
    this.#ask({ request: "export_to", path, passphrase, replace }, "exported");
  previewImport = (path: string, passphrase: string | null): Promise<ImportPreview> =>
    this.#ask({ request: "preview_import", path, passphrase }, "import");
  import = (id: ImportId): Promise<Imported> => this.#ask({ request: "import", id }, "imported");
  cancelImport = (id: ImportId): Promise<void> => this.#ask({ request: "cancel_import", id }, "done");

  openSignIn = (attempt: AttemptId): Promise<void> => this.#transport.openSignIn(attempt);
  watch = (listener: (event: Event) => void): Promise<void> => this.#transport.watch(listener);
  shown = (): Promise<void> => this.#transport.shown();
  openResult = (action: ActionId, index: number): Promise<void> => this.#transport.openResult(action, index);
  openSetup = (integration: IntegrationId, step: string): Promise<void> => this.#transport.openSetup(integration, step);
  openSandbox = (): Promise<void> => this.#transport.openSandbox();
  pickFiles = (): Promise<string[]> => this.#transport.pickFiles();
  pickFolder = (): Promise<string | null> => this.#transport.pickFolder();
  saveText = (name: string, contents: string): Promise<string | null> => this.#transport.saveText(name, contents);
  watchDrops = (listener: (drop: Drop) => void): Promise<void> => this.#transport.watchDrops(listener);
  readDropped = (): Promise<string> => this.#transport.readDropped();
  agentClients = (): Promise<AgentClient[]> => this.#transport.agentClients();
  previewAgentClient = (id: AgentClientId): Promise<AgentSetupChange> => this.#transport.previewAgentClient(id);
  setUpAgentClient = (id: AgentClientId, expectedBefore: string): Promise<AgentSetupDone> =>
    this.#transport.setUpAgentClient(id, expectedBefore);
  aboutShell = (): Promise<Shell> => this.#transport.aboutShell();
  setStartAtLogin = (on: boolean): Promise<Shell> => this.#transport.setStartAtLogin(on);
  openPlace = (place: ShellPlace): Promise<void> => this.#transport.openPlace(place);
  registerLinks = (): Promise<boolean> => this.#transport.registerLinks();
  agentSetupBlock = (): Promise<AgentSetupBlock> => this.#transport.agentSetupBlock();
}
