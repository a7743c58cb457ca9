// Generated from crates/model by `cargo xtask bindings`. Don't edit.

export type ConnectionId = string;

export type AttemptId = string;

export type IntegrationId = string;

export type ProviderId = string;

export type ConnectionRef = string;

export type ProfileName = string;

export type SecretInput = string;

export type Capability = "mail.send" | "mail.read" | "files.list" | "files.upload" | "files.download" | "message.send" | "chats.list";

export type ErrorCode = "invalid_input" | "unknown_integration" | "unknown_connection" | "not_connected" | "ambiguous_connection" | "not_configured" | "refused_caller" | "sign_in_denied" | "sign_in_cancelled" | "sign_in_expired" | "sign_in_unknown" | "sign_in_used" | "sign_in_wrong_issuer" | "nothing_granted" | "wrong_account" | "sign_in_refused" | "blocked_by_admin" | "loopback_blocked" | "sign_in_needed" | "permission_missing" | "service_refused" | "offline" | "service_down" | "rate_limited" | "not_understood" | "paused" | "vault_locked" | "no_keychain" | "vault_failed" | "wrong_passphrase" | "store_failed" | "hub_unreachable" | "already_running" | "version_mismatch" | "endpoints_fixed" | "handing_over" | "internal";

export type Error = { code: ErrorCode, 
/**
 * Fill the placeholders of the code's messages; never secrets.
 */
args: { [key in string]: string }, 
/**
 * Seconds after which asking again makes sense; absent = it doesn't by itself.
 */
retry_after_s: number | null, 
/**
 * For the details pane: what the service or system said, shortened and redacted.
 */
detail: string | null, };

export type Cause = "grant_revoked" | "token_rejected" | "interrupted_rotation" | "session_ended" | "grant_missing" | "grant_unreadable" | "not_renewable";

export type RefusedReason = "permission_missing" | "api_disabled" | "blocked_by_admin" | "other";

export type ExpiringWhy = "time_limited" | "not_renewable";

export type Status = { "kind": "connected", proven_at: string, } | { "kind": "expiring", at: string, why: ExpiringWhy, } | { "kind": "needs_sign_in", cause: Cause, since: string, } | { "kind": "offline", since: string, } | { "kind": "rate_limited", until: string, } | { "kind": "service_down", since: string, } | { "kind": "refused", reason: RefusedReason, since: string, } | { "kind": "vault_locked" } | { "kind": "no_keychain" } | { "kind": "paused" } | { "kind": "not_configured" } | { "kind": "unproven" };

export type Identity = { 
/**
 * What stays the same for this account at this service; compared, never shown.
 */
id: string, 
/**
 * What a person recognises: an address, `@name`.
 */
account: string, 
/**
 * The person's or bot's own name, where the service tells it.
 */
display_name: string | null, };

export type ScopeGrant = { scope: string, 
/**
 * In plain words, from the integration's texts.
 */
title: string, granted: boolean, };

export type ConnectionView = { id: ConnectionId, integration: IntegrationId, integration_name: string, account: string, display_name: string | null, status: Status, 
/**
 * When a real call last succeeded, whatever the status is now.
 */
proven_at: string | null, 
/**
 * When a real call was last tried.
 */
checked_at: string | null, connected_at: string, scopes: Array<ScopeGrant>, capabilities: Array<Capability>, 
/**
 * Sentences the integration wants shown beside it (an existing webhook, say).
 */
remarks: Array<string>, };

export type DisconnectPreview = { connection: ConnectionId, 
/**
 * Can the service be told to end the access? (A bot token can only be ended by its owner.)
 */
revocable: boolean, 
/**
 * Other connections of ours that die with it, because the provider revokes all of them at once.
 */
also_ends: Array<ConnectionView>, 
/**
 * Sentences from the integration about what else dies.
 */
consequences: Array<string>, };

export type RegisteredClient = { client_id: string, 
/**
 * The person's own, rather than the one this build came with.
 */
own: boolean, };

export type ClientView = { 
/**
 * `desktop`, `ios` …: the client types of integration.toml.
 */
kind: string, title: string, redirect: RedirectKind, needs_secret: boolean, registered: RegisteredClient | null, };

export type ScopeView = { scope: string, title: string, 
/**
 * What it lets Autopilot do, and what not, in plain words.
 */
explanation: string, capabilities: Array<Capability>, };

export type FieldView = { id: string, label: string, placeholder: string, help: string, secret: boolean, };

export type AuthView = { "kind": "oauth", provider: ProviderId, clients: Array<ClientView>, } | { "kind": "form", 
/**
 * How to get the key, step by step.
 */
steps: Array<string>, fields: Array<FieldView>, };

export type IntegrationView = { id: IntegrationId, name: string, 
/**
 * One line on what connecting it is good for.
 */
tagline: string, 
/**
 * The icon's SVG source, our own file; to be shown as an image, never inlined.
 */
icon_svg: string, auth: AuthView, scopes: Array<ScopeView>, capabilities: Array<Capability>, };

export type RedirectKind = "deep_link" | "loopback";

export type SignInState = { "kind": "waiting" } | { "kind": "checking" } | { "kind": "connected", connection: ConnectionView, missing: Array<string>, } | { "kind": "failed", error: Error, };

export type SignInView = { id: AttemptId, integration: IntegrationId, 
/**
 * Set when an existing connection is signed in again.
 */
connection: ConnectionId | null, 
/**
 * What to open in the system browser.
 */
url: string, redirect: RedirectKind, expires_at: string, state: SignInState, };

export type VaultPlace = "keychain" | "file";

export type VaultState = { "kind": "opening" } | { "kind": "unlocked", place: VaultPlace, } | { "kind": "locked", place: VaultPlace, } | { "kind": "no_keychain" } | { "kind": "failing", place: VaultPlace, reason: string, };

export type TestStep = "vault" | "token" | "service";

export type TestProgress = { connection: ConnectionId, step: TestStep, 
/**
 * `None` while the step runs.
 */
ok: boolean | null, };

export type StepResult = { step: TestStep, ok: boolean, milliseconds: number, };

export type TestReport = { connection: ConnectionView, 
/**
 * Steps that were finished, with milliseconds.
 */
steps: Array<StepResult>, 
/**
 * Why the last step failed; `None` = everything worked.
 */
error: Error | null, };

export type Verdict = "good" | "doubtful" | "bad";

export type Finding = { 
/**
 * Stable name: `vault`, `database`, `loopback`, `client_google` …
 */
check: string, verdict: Verdict, sentence: string, remedy: string | null, };

export type NoticeKind = "down" | "back" | "needs_sign_in" | "signed_in" | "vault" | "revocation";

export type OpenTarget = { "place": "connections" } | { "place": "connection", id: ConnectionId, } | { "place": "sign_in", integration: IntegrationId, connection: ConnectionId | null, } | { "place": "attempt", id: AttemptId, } | { "place": "link_refused", error: Error, } | { "place": "vault" };

export type NoticeAction = { label: string, target: OpenTarget, };

export type Notice = { kind: NoticeKind, title: string, body: string, 
/**
 * The label of its button, and where button and click lead.
 */
action: NoticeAction | null, };

export type Event = { "event": "connection_changed", connection: ConnectionView, } | { "event": "connection_removed", id: ConnectionId, } | { "event": "sign_in", sign_in: SignInView, } | { "event": "vault", vault: VaultState, } | { "event": "test", progress: TestProgress, } | { "event": "integrations_changed" } | { "event": "notice", notice: Notice, } | { "event": "open", target: OpenTarget, };

export type Request = { "request": "hub" } | { "request": "list_integrations" } | { "request": "list_connections" } | { "request": "get_connection", connection: ConnectionRef, } | { "request": "list_sign_ins" } | { "request": "preview_disconnect", connection: ConnectionRef, } | { "request": "doctor" } | { "request": "refresh" } | { "request": "test", connection: ConnectionRef, } | { "request": "begin_sign_in", integration: IntegrationId, 
/**
 * An existing connection to sign in again.
 */
connection: ConnectionId | null, 
/**
 * Which permissions to ask for; `None` = all the integration offers.
 */
scopes: Array<string> | null, 
/**
 * `None` = the best the registered clients allow.
 */
redirect: RedirectKind | null, } | { "request": "deliver_redirect", url: SecretInput, } | { "request": "cancel_sign_in", attempt: AttemptId, } | { "request": "connect_with_form", integration: IntegrationId, connection: ConnectionId | null, fields: { [key in string]: SecretInput }, } | { "request": "disconnect", connection: ConnectionRef, revoke: boolean, } | { "request": "set_paused", connection: ConnectionRef, paused: boolean, } | { "request": "unlock_vault", passphrase: SecretInput, } | { "request": "open", target: OpenTarget, } | { "request": "hand_over" } | { "request": "check_vault" } | { "request": "use_vault_file", passphrase: SecretInput, } | { "request": "register_client", provider: ProviderId, kind: string, client_id: string, client_secret: SecretInput | null, } | { "request": "register_client_file", provider: ProviderId, contents: SecretInput, } | { "request": "remove_client", provider: ProviderId, kind: string, } | { "request": "set_window_visible", visible: boolean, };

export type HubView = { version: string, profile: ProfileName, 
/**
 * Against the sandbox rather than the real services.
 */
sandbox: boolean, 
/**
 * Holds the profile without a window.
 */
headless: boolean, vault: VaultState, 
/**
 * Something the person should know about this start (a damaged database set aside, say).
 */
remarks: Array<string>, };

export type Response = { "response": "done" } | { "response": "hub", "value": HubView } | { "response": "integrations", "value": Array<IntegrationView> } | { "response": "connections", "value": Array<ConnectionView> } | { "response": "connection", "value": ConnectionView } | { "response": "sign_in", "value": SignInView } | { "response": "sign_ins", "value": Array<SignInView> } | { "response": "disconnect_preview", "value": DisconnectPreview } | { "response": "test", "value": TestReport } | { "response": "vault", "value": VaultState } | { "response": "findings", "value": Array<Finding> };

