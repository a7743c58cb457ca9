// Generated from crates/model by `cargo xtask bindings`. Don't edit.

export type ConnectionId = string;

export type AttemptId = string;

export type ActionId = string;

export type ImportId = string;

export type IntegrationId = string;

export type ProviderId = string;

export type ConnectionRef = string;

export type ProfileName = string;

export type SecretInput = string;

export type ReleasedToken = never;

export type Capability = "mail.send" | "mail.read" | "files.list" | "files.upload" | "files.download" | "message.send" | "chats.list";

export type Caller = { "kind": "window" } | { "kind": "program", executable: string, } | { "kind": "workflow", name: string, } | { "kind": "agent", executable: string, };

export type ErrorCode = "invalid_input" | "unknown_integration" | "unknown_connection" | "not_connected" | "ambiguous_connection" | "not_configured" | "refused_caller" | "sign_in_denied" | "sign_in_cancelled" | "sign_in_expired" | "sign_in_unknown" | "sign_in_used" | "sign_in_wrong_issuer" | "nothing_granted" | "wrong_account" | "sign_in_refused" | "blocked_by_admin" | "api_disabled" | "loopback_blocked" | "not_admitted" | "denied_by_policy" | "approval_denied" | "approval_unavailable" | "limit_reached" | "agents_paused" | "folder_not_allowed" | "token_not_allowed" | "sign_in_needed" | "permission_missing" | "service_refused" | "offline" | "service_down" | "rate_limited" | "not_understood" | "paused" | "capability_missing" | "unknown_action" | "too_late" | "unknown_chat" | "too_large" | "file_unreadable" | "file_changed" | "folder_unwritable" | "file_exists" | "import_refused" | "passphrase_needed" | "window_needed" | "checksum_mismatch" | "outcome_unknown" | "listened_elsewhere" | "workflow_invalid" | "vault_locked" | "no_keychain" | "vault_failed" | "wrong_passphrase" | "store_failed" | "hub_unreachable" | "already_running" | "version_mismatch" | "endpoints_fixed" | "desktop_refused" | "handing_over" | "internal";

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

export type Cause = "grant_revoked" | "trial_ended" | "token_rejected" | "interrupted_rotation" | "session_ended" | "grant_missing" | "grant_unreadable" | "not_renewable" | "imported";

export type RefusedReason = "permission_missing" | "api_disabled" | "blocked_by_admin" | "other";

export type ExpiringWhy = "time_limited" | "not_renewable" | "rhythm";

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

export type ConnectionView = { id: ConnectionId, integration: IntegrationId, integration_name: string, account: string, 
/**
 * The account's own name, as the service tells it.
 */
display_name: string | null, 
/**
 * What the person calls it here; never sent anywhere.
 */
name: string | null, status: Status, 
/**
 * When a real call last succeeded, whatever the status is now.
 */
proven_at: string | null, 
/**
 * When a real call was last tried.
 */
checked_at: string | null, connected_at: string, scopes: Array<ScopeGrant>, capabilities: Array<Capability>, 
/**
 * May programs be given its raw token?
 */
token_allowed: boolean, 
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

export type SetupAnswerView = { key: string, title: string, 
/**
 * What follows from it, if it isn't what one wants.
 */
warning: string | null, };

export type SetupStepView = { key: string, title: string, 
/**
 * What to do there.
 */
steps: Array<string>, 
/**
 * The page where it is done, in the project of the registration where there is one.
 */
link: string, 
/**
 * What can be said of it that nobody but the person can see; empty where nothing needs to be asked.
 */
answers: Array<SetupAnswerView>, 
/**
 * The error that says that this was left out.
 */
mends: ErrorCode | null, 
/**
 * Left out, sign-ins end after a few days, as those of a trial.
 */
ends_trial: boolean, 
/**
 * Here the registration itself is made, to be handed over.
 */
brings_client: boolean, };

export type ClientTaken = { kind: string, client_id: string, 
/**
 * The provider's project it belongs to, where the file or the id says.
 */
project: string | null, 
/**
 * Another one of its kind is there; nothing was kept, until it is asked for with `replace`.
 */
replaces: boolean, };

export type IntegrationView = { id: IntegrationId, name: string, 
/**
 * One line on what connecting it is good for.
 */
tagline: string, 
/**
 * The icon's SVG source, our own file; to be shown as an image, never inlined.
 */
icon_svg: string, auth: AuthView, scopes: Array<ScopeView>, capabilities: Array<Capability>, 
/**
 * A person can hand over files of theirs on the service's own page (`BeginPick`).
 */
can_pick: boolean, 
/**
 * How to get a registration of one's own; empty where none is needed.
 */
setup: Array<SetupStepView>, };

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

export type Verdict = "good" | "doubtful" | "bad" | "unknown";

export type DoctorCause = { "kind": "keychain_works" } | { "kind": "keychain_locked" } | { "kind": "no_keychain" } | { "kind": "vault_file_open" } | { "kind": "vault_file_locked" } | { "kind": "vault_failing" } | { "kind": "links_come_here" } | { "kind": "links_not_needed" } | { "kind": "links_nowhere" } | { "kind": "links_elsewhere", program: string, } | { "kind": "links_broken", program: string, } | { "kind": "loopback_open" } | { "kind": "loopback_blocked" } | { "kind": "clock_right" } | { "kind": "clock_ahead", seconds: number, } | { "kind": "clock_behind", seconds: number, } | { "kind": "clock_suspected" } | { "kind": "clock_unknown" } | { "kind": "names_found" } | { "kind": "names_not_needed" } | { "kind": "names_by_proxy" } | { "kind": "names_unknown", hosts: Array<string>, } | { "kind": "no_names_found" } | { "kind": "no_network" } | { "kind": "no_proxy" } | { "kind": "proxy_answers", proxy: string, } | { "kind": "proxy_refuses", proxy: string, } | { "kind": "proxy_silent", proxy: string, } | { "kind": "proxy_not_found", proxy: string, } | { "kind": "proxy_wants_sign_in", proxy: string, } | { "kind": "no_portal" } | { "kind": "portal", hosts: Array<string>, } | { "kind": "intercepted", hosts: Array<string>, } | { "kind": "portal_unknown" } | { "kind": "service_answers", service: string, } | { "kind": "service_unreachable", service: string, host: string, } | { "kind": "service_replaced", service: string, host: string, } | { "kind": "service_troubled", service: string, status: number, } | { "kind": "disk_roomy", free_mib: number, } | { "kind": "disk_writable" } | { "kind": "disk_low", free_mib: number, } | { "kind": "disk_full" } | { "kind": "folder_unwritable" } | { "kind": "database_sound" } | { "kind": "database_damaged" } | { "kind": "database_set_aside", file: string, } | { "kind": "database_salvaged", file: string, } | { "kind": "database_newer", file: string, } | { "kind": "database_unreachable" } | { "kind": "ledger_whole" } | { "kind": "ledger_broken" } | { "kind": "ledger_unknown" } | { "kind": "client_registered", services: Array<string>, } | { "kind": "client_missing", provider: ProviderId, services: Array<string>, } | { "kind": "took_too_long" };

export type RemedyAction = { "action": "open_vault" } | { "action": "register_links" } | { "action": "register_client", provider: ProviderId, } | { "action": "open_activity" };

export type Finding = { 
/**
 * Stable name: `vault`, `database`, `loopback`, `service_gmail`, `client_google` …
 */
check: string, verdict: Verdict, cause: DoctorCause, 
/**
 * What our window can do about it.
 */
action: RemedyAction | null, };

export type DoctorProgress = { "step": "began", checks: Array<string>, } | { "step": "found", finding: Finding, };

export type Diagnosis = { findings: Array<Finding>, 
/**
 * The same, and where the connections stand, as a text that may be shown to anybody: no name, no address, no path
 * of the person's.
 */
report: string, };

export type SendEmail = { to: Array<string>, cc: Array<string>, bcc: Array<string>, subject: string, 
/**
 * Plain text. At least one of `text` and `html` is there; with `html` alone, a plain text is made from it.
 */
text: string | null, html: string | null, 
/**
 * Absolute paths of files on this machine.
 */
attachments: Array<string>, 
/**
 * The id of the mail this one answers, as `ListEmails` gave it; keeps the thread.
 */
reply_to: string | null, };

export type EmailQuery = { 
/**
 * In the service's own search language; empty = everything.
 */
search: string, 
/**
 * At most this many, 1 to 500; `None` = 50.
 */
limit: number | null, 
/**
 * `EmailPage::next` of the page before.
 */
page: string | null, };

export type EmailSummary = { 
/**
 * The service's own id.
 */
id: string, thread: string | null, from: string, to: string, subject: string, 
/**
 * The first words of the body.
 */
snippet: string, date: string | null, };

export type EmailPage = { emails: Array<EmailSummary>, next: string | null, };

export type Attachment = { 
/**
 * As the sender named it; made safe before anything is saved under it.
 */
name: string, media_type: string, 
/**
 * Bytes.
 */
size: number, 
/**
 * Where it was saved, if that was asked for.
 */
saved_as: string | null, };

export type Email = { summary: EmailSummary, cc: string, text: string, 
/**
 * Without scripts, styles, forms and anything that would be fetched from elsewhere.
 */
safe_html: string | null, attachments: Array<Attachment>, };

export type FileOrder = "newest" | "name" | "size";

export type FileQuery = { 
/**
 * Id of a folder; `None` = everywhere that can be seen.
 */
folder: string | null, 
/**
 * Words the name holds.
 */
search: string, order: FileOrder, 
/**
 * At most this many, 1 to 1000; `None` = 100.
 */
limit: number | null, 
/**
 * `FilePage::next` of the page before; everything else must stay the same.
 */
page: string | null, };

export type RemoteFile = { id: string, name: string, is_folder: boolean, media_type: string, 
/**
 * Bytes; documents of the service's own kind have none.
 */
size: number | null, modified_at: string | null, 
/**
 * An address for the person's browser.
 */
link: string | null, can_download: boolean, };

export type FilePage = { files: Array<RemoteFile>, next: string | null, };

export type UploadFiles = { 
/**
 * Absolute paths on this machine.
 */
files: Array<string>, 
/**
 * Id of a folder at the service; `None` = the top.
 */
folder: string | null, };

export type Downloaded = { 
/**
 * The absolute path it was saved as.
 */
path: string, size: number, 
/**
 * SHA-256, lower-case hexadecimal; compared with what the service states where it states one.
 */
sha256: string, };

export type TextFormat = "plain" | "markdown";

export type SendMessage = { 
/**
 * A chat's id, its name as `ListChats` shows it, or `@name`.
 */
chat: string, text: string, format: TextFormat, 
/**
 * Absolute path of a file on this machine.
 */
file: string | null, 
/**
 * Show the file as a picture rather than as a document.
 */
as_picture: boolean, 
/**
 * Id of the message this one answers.
 */
reply_to: string | null, };

export type ChatKind = "person" | "group" | "channel";

export type Chat = { id: string, kind: ChatKind, title: string, 
/**
 * `@name`, where it has one.
 */
handle: string | null, known_since: string, };

export type ClaimState = { "state": "waiting" } | { "state": "claimed", chat: Chat, } | { "state": "expired" } | { "state": "cancelled" } | { "state": "failed", error: Error, };

export type ClaimView = { connection: ConnectionId, 
/**
 * To be opened by whoever the messages shall reach.
 */
link: string, 
/**
 * The same for adding the bot to a group.
 */
group_link: string | null, 
/**
 * The link as a picture (SVG source, our own drawing); to be shown as an image, never inlined.
 */
qr_svg: string, expires_at: string, state: ClaimState, };

export type Effect = "allow" | "ask" | "deny";

export type Limits = { 
/**
 * Addresses, `@example.org` for all of a domain, or chat ids. The rule is only about writes to these; empty = to
 * anybody.
 */
recipients: Array<string>, 
/**
 * Writes in any 24 hours; more are refused.
 */
per_day: number | null, 
/**
 * Absolute paths of folders on this machine that files may be taken from and saved into.
 */
folders: Array<string>, };

export type Rule = { 
/**
 * `None` = every connection.
 */
connection: ConnectionId | null, 
/**
 * `None` = everything.
 */
capability: Capability | null, effect: Effect, limits: Limits, };

export type Admission = { "admission": "waiting", since: string, } | { "admission": "admitted", at: string, } | { "admission": "refused", at: string, };

export type Budget = { 
/**
 * Requests in any 60 seconds; 1 to 10,000.
 */
per_minute: number, 
/**
 * Writes in any 24 hours; 0 to 100,000.
 */
writes_per_day: number, };

export type ClientInfo = { name: string, version: string, };

export type Taint = { since: string, until: string, };

export type CallerView = { caller: Caller, 
/**
 * The name a person may know: the executable's file name, a workflow's name.
 */
name: string, client: ClientInfo | null, admission: Admission, rules: Array<Rule>, 
/**
 * What its writes get where no rule is about them.
 */
writes: Effect, budget: Budget, taint: Taint | null, 
/**
 * Connections to the hub that listen right now.
 */
connected: number, last_seen: string | null, 
/**
 * Some of this comes from `policy.toml` and changes there.
 */
from_file: boolean, };

export type Standing = { admission: Admission, 
/**
 * All agents are paused.
 */
paused: boolean, 
/**
 * Is there a window in which a person could be asked?
 */
can_ask: boolean, };

export type AskedBecause = "rule" | "outside_text";

export type Decision = "once" | "always" | "deny";

export type ActionFile = { 
/**
 * The absolute path on this machine.
 */
path: string, 
/**
 * The name it is sent under.
 */
name: string, size: number, };

export type Action = { "action": "send_email" } & SendEmail | { "action": "upload_files" } & UploadFiles | { "action": "send_message" } & SendMessage;

export type Outline = { recipients: number, files: number, 
/**
 * Bytes of the files, together.
 */
bytes: number, };

export type Waiting = "turn" | "undo" | "later" | "person";

export type RemoteRef = { id: string, 
/**
 * A thread or chat it belongs to.
 */
within: string | null, 
/**
 * An address for the person's browser.
 */
link: string | null, };

export type ActionState = { "state": "awaiting_approval", since: string, expires: string, because: AskedBecause, } | { "state": "denied", at: string, } | { "state": "queued", not_before: string, expires: string, why: Waiting, } | { "state": "sending", since: string, } | { "state": "sent", at: string, results: Array<RemoteRef>, } | { "state": "failed", at: string, error: Error, } | { "state": "outcome_unknown", at: string, 
/**
 * What is known.
 */
error: Error, 
/**
 * The service is being asked; nobody has to decide yet.
 */
asking: boolean, } | { "state": "cancelled", at: string, } | { "state": "expired", at: string, };

export type Progress = { 
/**
 * Bytes the service has.
 */
done: number, total: number, };

export type ActionView = { id: ActionId, connection: ConnectionId, integration: IntegrationId, integration_name: string, account: string, capability: Capability, caller: Caller, created_at: string, state: ActionState, outline: Outline, 
/**
 * What is to be sent; wiped when it is over.
 */
content: Action | null, 
/**
 * The files of it, as they were when it was asked for, in their order; wiped when it is over.
 */
files: Array<ActionFile>, 
/**
 * How often it was tried.
 */
tries: number, 
/**
 * While bytes move.
 */
progress: Progress | null, };

export type Resolution = "send_again" | "discard";

export type ActionFilter = { connection: ConnectionId | null, 
/**
 * Only those that are not over.
 */
open_only: boolean, 
/**
 * At most this many, newest first; `None` = 200.
 */
limit: number | null, };

export type EntryKind = "call" | "outcome" | "probes" | "status" | "connection" | "policy" | "token";

export type LedgerEntry = { 
/**
 * Counts up without gaps.
 */
seq: number, at: string, kind: EntryKind, 
/**
 * `None` = the hub itself.
 */
caller: Caller | null, connection: ConnectionId | null, integration: IntegrationId | null, 
/**
 * What a person recognises the connection by.
 */
account: string | null, capability: Capability | null, action: ActionId | null, 
/**
 * `ok`, an error's code, or the new status or state by its stable name.
 */
result: string, 
/**
 * How many calls this line stands for.
 */
calls: number, 
/**
 * How many of them failed.
 */
errors: number, 
/**
 * Milliseconds, all calls of the line together.
 */
millis: number, bytes_out: number, bytes_in: number, };

export type LedgerFilter = { connection: ConnectionId | null, kind: EntryKind | null, capability: Capability | null, 
/**
 * Only lines that tell of a failure.
 */
failures_only: boolean, since: string | null, until: string | null, 
/**
 * Only lines before this one: the last of the page before.
 */
before: number | null, 
/**
 * At most this many, newest first; `None` = 200, never more than 1000.
 */
limit: number | null, };

export type LedgerVerdict = { "verdict": "whole" } | { "verdict": "broken_at", seq: number, } | { "verdict": "cut_off", written: number, } | { "verdict": "key_missing" };

export type LedgerCheck = { 
/**
 * Lines that were checked.
 */
lines: number, 
/**
 * Whole days that retention dropped, each with a signed checkpoint that holds.
 */
dropped_days: number, verdict: LedgerVerdict, };

export type UsageQuery = { connection: ConnectionId | null, 
/**
 * Days back from today, 1 to 400; `None` = 30.
 */
days: number | null, 
/**
 * Minutes east of UTC that decide where a day begins.
 */
utc_offset_min: number, };

export type UsageRow = { 
/**
 * `2026-11-26`.
 */
day: string, connection: ConnectionId | null, account: string | null, integration: IntegrationId | null, 
/**
 * `None` = the hub itself (probes).
 */
caller: Caller | null, calls: number, errors: number, 
/**
 * Milliseconds, all calls together; divided by `calls` it is the mean latency.
 */
millis: number, bytes_out: number, bytes_in: number, };

export type HealthDay = { day: string, 
/**
 * Connected, or expiring.
 */
up_s: number, 
/**
 * The service was down or asked for a pause, or this machine was offline.
 */
unreachable_s: number, 
/**
 * The person was needed: a sign-in, a locked vault, a missing registration.
 */
needs_person_s: number, paused_s: number, 
/**
 * Never proven, or the hub didn't run.
 */
unknown_s: number, };

export type Proxy = { "kind": "system" } | { "kind": "none" } | { "kind": "own", url: string, };

export type Network = { proxy: Proxy, 
/**
 * A PEM file whose certificates are trusted beside the system's; by absolute path, read when it is chosen.
 */
authority: string | null, };

export type QuietHours = { on: boolean, 
/**
 * Minutes since midnight; 0 to 1439.
 */
from_min: number, to_min: number, 
/**
 * What waits for approval is told all the same.
 */
approvals_pass: boolean, };

export type Notify = { 
/**
 * Not reachable, signed out, or the keychain is locked.
 */
trouble: boolean, 
/**
 * Works again.
 */
back: boolean, 
/**
 * A sign-in whose end is known and near.
 */
expiring: boolean, 
/**
 * A write or a caller waits for a person.
 */
approvals: boolean, 
/**
 * Something wasn't sent, or nobody knows whether it was.
 */
outcomes: boolean, };

export type Settings = { 
/**
 * Seconds in which a person can take back what they send; 0 to 60.
 */
undo_window_s: number, 
/**
 * Hours a write waits for a service that can't be reached before it expires; 1 to 720.
 */
queue_expiry_h: number, 
/**
 * Days the ledger is kept; 7 to 3650.
 */
ledger_days: number, 
/**
 * Minutes a write waits for a person before it expires; 1 to 1440.
 */
approval_expiry_min: number, 
/**
 * No agent gets anything.
 */
agents_paused: boolean, 
/**
 * Units a minute of an integration's own quota, where the person's project has another than the usual.
 */
quotas: { [key in IntegrationId]: number }, 
/**
 * Seconds between two looks at everything while somebody sees the window; 15 to 600.
 */
refresh_s: number, 
/**
 * What the system tells of.
 */
notify: Notify, quiet: QuietHours, network: Network, 
/**
 * Closing the window leaves us in the tray, where there is one.
 */
close_to_tray: boolean, 
/**
 * What the window speaks, as it told: notices and the tray speak the same. `None` = it never told.
 */
language: string | null, };

export type Exported = { path: string, with_secrets: boolean, connections: number, 
/**
 * Accounts whose sign-in isn't in the file, although others' are: it was gone, or being renewed.
 */
without_sign_in: Array<string>, };

export type ConnectionFate = "signed_in" | "needs_sign_in" | "other_client" | "stays";

export type ComingConnection = { 
/**
 * As the file calls it, and as the rules in this preview do.
 */
id: ConnectionId, integration: IntegrationId, integration_name: string, account: string, display_name: string | null, fate: ConnectionFate, paused: boolean, 
/**
 * Programs would be given its raw token.
 */
token_allowed: boolean, 
/**
 * Chats that come along.
 */
chats: number, };

export type ComingCaller = { caller: Caller, name: string, 
/**
 * False = it is known here already, and what it may do stays as it is here.
 */
added: boolean, 
/**
 * Let in, or kept out.
 */
admitted: boolean, writes: Effect, budget: Budget, rules: Array<Rule>, 
/**
 * Folders that can't be on this system, left out of its rules.
 */
folders_left_out: number, };

export type ClientFate = "added" | "needs_secret" | "stays";

export type ComingClient = { provider: ProviderId, kind: string, client_id: string, fate: ClientFate, };

export type ImportPreview = { 
/**
 * Names exactly this plan; it is forgotten after ten minutes.
 */
id: ImportId, made_at: string, 
/**
 * The version of the app that wrote the file.
 */
made_by: string, with_secrets: boolean, connections: Array<ComingConnection>, callers: Array<ComingCaller>, clients: Array<ComingClient>, settings_now: Settings, settings_then: Settings, };

export type Imported = { connections: Array<ConnectionView>, 
/**
 * Those of them that wait for the person to sign in.
 */
reconnect: Array<ConnectionView>, callers: number, clients: number, };

export type NoticeKind = "down" | "back" | "needs_sign_in" | "expiring" | "signed_in" | "vault" | "revocation" | "action" | "approval";

export type OpenTarget = { "place": "connections" } | { "place": "connection", id: ConnectionId, } | { "place": "sign_in", integration: IntegrationId, connection: ConnectionId | null, } | { "place": "attempt", id: AttemptId, } | { "place": "link_refused", error: Error, } | { "place": "vault" } | { "place": "moving" } | { "place": "approvals" } | { "place": "agents", caller: Caller | null, } | { "place": "activity", action: ActionId | null, };

export type NoticeAction = { label: string, target: OpenTarget, };

export type Notice = { kind: NoticeKind, title: string, body: string, 
/**
 * The label of its button, and where button and click lead.
 */
action: NoticeAction | null, };

export type Event = { "event": "connection_changed", connection: ConnectionView, } | { "event": "connection_removed", id: ConnectionId, } | { "event": "sign_in", sign_in: SignInView, } | { "event": "vault", vault: VaultState, } | { "event": "test", progress: TestProgress, } | { "event": "doctor", progress: DoctorProgress, } | { "event": "action", action: ActionView, } | { "event": "download", id: ActionId, progress: Progress, } | { "event": "claim", claim: ClaimView, } | { "event": "settings", settings: Settings, } | { "event": "caller_changed", caller: CallerView, } | { "event": "caller_removed", caller: Caller, } | { "event": "integrations_changed" } | { "event": "notice", notice: Notice, } | { "event": "open", target: OpenTarget, };

export type Request = { "request": "hub" } | { "request": "introduce", client: ClientInfo | null, } | { "request": "list_integrations" } | { "request": "list_connections" } | { "request": "get_connection", connection: ConnectionRef, } | { "request": "list_sign_ins" } | { "request": "preview_disconnect", connection: ConnectionRef, } | { "request": "doctor" } | { "request": "list_emails", connection: ConnectionRef, query: EmailQuery, } | { "request": "read_email", connection: ConnectionRef, id: string, 
/**
 * An existing folder, by absolute path; nothing in it is overwritten. `None` = attachments are only named.
 */
save_attachments_to: string | null, } | { "request": "list_files", connection: ConnectionRef, query: FileQuery, } | { "request": "download_file", 
/**
 * Made by the caller, to recognise the events.
 */
id: ActionId, connection: ConnectionRef, file: string, 
/**
 * An existing folder, by absolute path; nothing in it is overwritten.
 */
folder: string, 
/**
 * `None` = the file's own name, made safe.
 */
name: string | null, } | { "request": "list_chats", connection: ConnectionRef, } | { "request": "list_actions", filter: ActionFilter, } | { "request": "get_action", id: ActionId, } | { "request": "list_ledger", filter: LedgerFilter, } | { "request": "verify_ledger" } | { "request": "usage", query: UsageQuery, } | { "request": "health", connection: ConnectionId, 
/**
 * 1 to 400.
 */
days: number, 
/**
 * Minutes east of UTC that decide where a day begins.
 */
utc_offset_min: number, } | { "request": "get_settings" } | { "request": "export" } | { "request": "act", id: ActionId, connection: ConnectionRef, action: Action, 
/**
 * Seconds in which it can be taken back; `None` = the setting for people in the window, none for others.
 */
undo_s: number | null, } | { "request": "cancel_action", id: ActionId, } | { "request": "send_now", id: ActionId, } | { "request": "resolve_action", id: ActionId, resolution: Resolution, } | { "request": "run_workflow", run: ActionId, 
/**
 * The workflow's TOML text.
 */
source: string, 
/**
 * The folder that relative paths in it start from.
 */
folder: string, 
/**
 * JSON text that `{{input.…}}` reads from.
 */
input: string, } | { "request": "begin_claim", connection: ConnectionRef, } | { "request": "cancel_claim", connection: ConnectionId, } | { "request": "forget_chat", connection: ConnectionId, chat: string, } | { "request": "refresh" } | { "request": "test", connection: ConnectionRef, } | { "request": "begin_sign_in", integration: IntegrationId, 
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
redirect: RedirectKind | null, } | { "request": "begin_pick", connection: ConnectionId, 
/**
 * `None` = the best the registered clients allow.
 */
redirect: RedirectKind | null, } | { "request": "deliver_redirect", url: SecretInput, } | { "request": "cancel_sign_in", attempt: AttemptId, } | { "request": "connect_with_form", integration: IntegrationId, connection: ConnectionId | null, fields: { [key in string]: SecretInput }, } | { "request": "disconnect", connection: ConnectionRef, revoke: boolean, } | { "request": "set_paused", connection: ConnectionRef, paused: boolean, } | { "request": "rename_connection", connection: ConnectionRef, name: string | null, } | { "request": "unlock_vault", passphrase: SecretInput, } | { "request": "open", target: OpenTarget, } | { "request": "hand_over" } | { "request": "read_token", connection: ConnectionRef, } | { "request": "list_callers" } | { "request": "admit_caller", caller: Caller, admit: boolean, 
/**
 * What its writes get where no rule is about them.
 */
writes: Effect, } | { "request": "set_rules", caller: Caller, rules: Array<Rule>, writes: Effect, budget: Budget, } | { "request": "clear_taint", caller: Caller, } | { "request": "forget_caller", caller: Caller, } | { "request": "decide", id: ActionId, decision: Decision, } | { "request": "set_token_allowed", connection: ConnectionId, allowed: boolean, } | { "request": "check_vault" } | { "request": "use_vault_file", passphrase: SecretInput, } | { "request": "use_keychain" } | { "request": "register_client", provider: ProviderId, kind: string, client_id: string, client_secret: SecretInput | null, } | { "request": "register_client_file", provider: ProviderId, contents: SecretInput, replace: boolean, } | { "request": "remove_client", provider: ProviderId, kind: string, } | { "request": "set_settings", settings: Settings, } | { "request": "export_to", 
/**
 * Absolute.
 */
path: string, passphrase: SecretInput | null, 
/**
 * The person agreed to replacing a file of that name.
 */
replace: boolean, } | { "request": "preview_import", 
/**
 * Absolute.
 */
path: string, 
/**
 * Of an encrypted one.
 */
passphrase: SecretInput | null, } | { "request": "import", id: ImportId, } | { "request": "cancel_import", id: ImportId, } | { "request": "set_window_visible", visible: boolean, };

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

export type Response = { "response": "done" } | { "response": "hub", "value": HubView } | { "response": "integrations", "value": Array<IntegrationView> } | { "response": "connections", "value": Array<ConnectionView> } | { "response": "connection", "value": ConnectionView } | { "response": "sign_in", "value": SignInView } | { "response": "sign_ins", "value": Array<SignInView> } | { "response": "disconnect_preview", "value": DisconnectPreview } | { "response": "test", "value": TestReport } | { "response": "vault", "value": VaultState } | { "response": "client_taken", "value": ClientTaken } | { "response": "diagnosis", "value": Diagnosis } | { "response": "emails", "value": EmailPage } | { "response": "email", "value": Email } | { "response": "files", "value": FilePage } | { "response": "downloaded", "value": Downloaded } | { "response": "chats", "value": Array<Chat> } | { "response": "action", "value": ActionView } | { "response": "actions", "value": Array<ActionView> } | { "response": "claim", "value": ClaimView } | { "response": "ledger", "value": Array<LedgerEntry> } | { "response": "ledger_check", "value": LedgerCheck } | { "response": "usage", "value": Array<UsageRow> } | { "response": "health", "value": Array<HealthDay> } | { "response": "settings", "value": Settings } | { "response": "standing", "value": Standing } | { "response": "caller", "value": CallerView } | { "response": "callers", "value": Array<CallerView> } | { "response": "token", "value": ReleasedToken } | { "response": "export", "value": string } | { "response": "exported", "value": Exported } | { "response": "import", "value": ImportPreview } | { "response": "imported", "value": Imported };

