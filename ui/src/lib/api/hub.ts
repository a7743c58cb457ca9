/** The hub's door, typed: one function a request, each giving back what that request answers. */

import type {
  AttemptId,
  ConnectionId,
  ConnectionView,
  DisconnectPreview,
  Event,
  HubView,
  IntegrationId,
  IntegrationView,
  ProviderId,
  Request,
  Response,
  SignInView,
  TestReport,
  VaultState,
} from "./bindings.ts";
import { asHubError, type Transport } from "./transport.ts";

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

  unlockVault = (passphrase: string): Promise<VaultState> =>
    this.#ask({ request: "unlock_vault", passphrase }, "vault");
  checkVault = (): Promise<VaultState> => this.#ask({ request: "check_vault" }, "vault");
  useVaultFile = (passphrase: string): Promise<VaultState> =>
    this.#ask({ request: "use_vault_file", passphrase }, "vault");
  registerClient = (
    provider: ProviderId,
    kind: string,
    client_id: string,
    client_secret: string | null,
  ): Promise<void> => this.#ask({ request: "register_client", provider, kind, client_id, client_secret }, "done");
  registerClientFile = (provider: ProviderId, contents: string): Promise<void> =>
    this.#ask({ request: "register_client_file", provider, contents }, "done");
  removeClient = (provider: ProviderId, kind: string): Promise<void> =>
    this.#ask({ request: "remove_client", provider, kind }, "done");

  openSignIn = (attempt: AttemptId): Promise<void> => this.#transport.openSignIn(attempt);
  watch = (listener: (event: Event) => void): Promise<void> => this.#transport.watch(listener);
  shown = (): Promise<void> => this.#transport.shown();
}
