/** What the stand-in hub begins with: services, accounts, and a vault, by scenario. */

import type { ConnectionView, IntegrationView, SetupStepView, Status, VaultState } from "./bindings.ts";

export interface World {
  sandbox: boolean;
  vault: VaultState;
  passphrase: string;
  remarks: string[];
  integrations: IntegrationView[];
  connections: ConnectionView[];
  /** There were writes already. */
  lively: boolean;
  /** Lines in the ledger. */
  lines: number;
  /** Agents and programs have asked. */
  agents: boolean;
  /** Writes of theirs wait for a person. */
  asks: boolean;
}

const drawn = (shape: string) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">${shape}</svg>`;

const GOOGLE = {
  kind: "oauth" as const,
  provider: "google",
  clients: [
    {
      kind: "desktop",
      title: "Desktop app",
      redirect: "loopback" as const,
      needs_secret: true,
      registered: { client_id: "sandbox-desktop.apps.googleusercontent.com", own: false },
    },
    {
      kind: "ios",
      title: "iOS app",
      redirect: "deep_link" as const,
      needs_secret: false,
      registered: { client_id: "sandbox-ios.apps.googleusercontent.com", own: true },
    },
  ],
};

/** As the facts of the services state it, shortened; each service has an API of its own. */
const setup = (api: string, name: string): SetupStepView[] => [
  step("project", "Create a project", "https://console.cloud.example/projectcreate", ["Open the console and give the project any name, such as Autopilot. It costs nothing.", "Select it at the top of the page before you go on."]),
  { ...step("api", `Switch on the ${name} API`, `https://console.cloud.example/apis/library/${api}`, ["Check that your project is selected at the top, then press Enable."]), mends: "api_disabled" },
  step("consent", "Describe the app", "https://console.cloud.example/auth/overview", ["Press Get started. App name: Autopilot. Support and contact address: your own.", "Audience: External, or Internal if this is a Workspace account."]),
  {
    ...step("publish", "Publish it", "https://console.cloud.example/auth/audience", ["Under Publishing status, press Publish app and confirm.", "The provider doesn't tell us how it stands. What does the page say now?"]),
    answers: [
      { key: "production", title: "In production", warning: null },
      { key: "internal", title: "Internal", warning: null },
      { key: "testing", title: "Testing", warning: "While it is in testing, every sign-in ends after seven days." },
    ],
    ends_trial: true,
  },
  { ...step("client", "Create the client, and bring its file", "https://console.cloud.example/auth/clients", ["Press Create client and choose the application type Desktop app.", "Press Download JSON in the window that follows, and bring the file here."]), brings_client: true },
];

const step = (key: string, title: string, link: string, steps: string[]): SetupStepView => ({ key, title, steps, link, answers: [], mends: null, ends_trial: false, brings_client: false });

export const INTEGRATIONS: IntegrationView[] = [
  {
    id: "gmail",
    name: "Gmail",
    tagline: "Read and send mail from your own account.",
    icon_svg: drawn(`<rect x="1" y="4" width="22" height="16" rx="3" fill="#d8473a"/><path d="M4 8l8 6 8-6" fill="none" stroke="#fff" stroke-width="2"/>`),
    auth: GOOGLE,
    scopes: [
      {
        scope: "https://www.googleapis.com/auth/gmail.send",
        title: "Send mail as you",
        explanation: "Lets Autopilot send messages you or your workflows write. It can't read your mailbox with this.",
        capabilities: ["mail.send"],
      },
      {
        scope: "https://www.googleapis.com/auth/gmail.readonly",
        title: "Read your mail",
        explanation: "Lets Autopilot list and open messages. It can't change, move or delete anything.",
        capabilities: ["mail.read"],
      },
    ],
    capabilities: ["mail.send", "mail.read"],
    can_pick: false,
    setup: setup("gmail", "Gmail"),
  },
  {
    id: "google_drive",
    name: "Google Drive",
    tagline: "Keep files in Drive, without opening the rest of it.",
    icon_svg: drawn(`<path d="M4 2h11l5 5v15H4z" fill="#2d9d66"/><path d="M12 9l4 8H8z" fill="#fff"/>`),
    auth: GOOGLE,
    scopes: [
      {
        scope: "https://www.googleapis.com/auth/drive.file",
        title: "Files made with Autopilot",
        explanation: "Lets Autopilot see and change the files it created or that you picked for it. Nothing else in your Drive.",
        capabilities: ["files.list", "files.upload", "files.download"],
      },
    ],
    capabilities: ["files.list", "files.upload", "files.download"],
    can_pick: true,
    setup: setup("drive", "Google Drive"),
  },
  {
    id: "telegram",
    name: "Telegram",
    tagline: "Send messages through a bot of your own.",
    icon_svg: drawn(`<path d="M1 12 23 2l-4 20-7-6-3 4-1-6z" fill="#2e8ec4"/>`),
    auth: {
      kind: "form",
      steps: [
        "Open Telegram and start a chat with @BotFather.",
        "Send /newbot and answer its two questions: a name, and a user name ending in “bot”.",
        "BotFather answers with a key. Copy it here.",
      ],
      fields: [
        {
          id: "token",
          label: "Bot key",
          placeholder: "123456789:AAH…",
          help: "It is kept with your sign-ins and never shown again.",
          secret: true,
        },
      ],
    },
    scopes: [],
    capabilities: ["message.send", "chats.list"],
    can_pick: false,
    setup: [],
  },
];

export function accountOf(integration: IntegrationView): string {
  return integration.id === "telegram" ? "@sandbox_helper_bot" : "anna@example.org";
}

const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
let made = 0;

export function connectionTo(
  integration: IntegrationView,
  account: string,
  more: Partial<ConnectionView> = {},
): ConnectionView {
  made += 1;
  const proven = secondsAgo(12);
  return {
    id: `connection-${made}`,
    integration: integration.id,
    integration_name: integration.name,
    account,
    display_name: null,
    name: null,
    status: { kind: "connected", proven_at: proven },
    proven_at: proven,
    checked_at: proven,
    connected_at: secondsAgo(86_400 * 9 - made),
    scopes: integration.scopes.map(({ scope, title }) => ({ scope, title, granted: true })),
    capabilities: integration.capabilities,
    token_allowed: false,
    remarks: [],
    ...more,
  };
}

/** Every status once, for looking at them side by side. */
export const EVERY_STATUS: Status[] = [
  { kind: "connected", proven_at: secondsAgo(12) },
  { kind: "expiring", at: new Date(Date.now() + 7_200_000).toISOString(), why: "time_limited" },
  { kind: "needs_sign_in", cause: "grant_revoked", since: secondsAgo(400) },
  { kind: "offline", since: secondsAgo(90) },
  { kind: "rate_limited", until: new Date(Date.now() + 42_000).toISOString() },
  { kind: "service_down", since: secondsAgo(70) },
  { kind: "refused", reason: "api_disabled", since: secondsAgo(3000) },
  { kind: "vault_locked" },
  { kind: "no_keychain" },
  { kind: "paused" },
  { kind: "not_configured" },
  { kind: "unproven" },
];

export function scenario(name: string): World {
  const integrations = structuredClone(INTEGRATIONS);
  const [gmail, drive, telegram] = integrations as [IntegrationView, IntegrationView, IntegrationView];
  const world: World = {
    sandbox: true,
    vault: { kind: "unlocked", place: "keychain" },
    passphrase: "correct horse battery staple",
    remarks: [],
    integrations,
    connections: [],
    lively: false,
    lines: 0,
    agents: false,
    asks: false,
  };
  const old = { proven_at: secondsAgo(412), checked_at: secondsAgo(9) };

  switch (name) {
    case "connected":
    case "lively":
    case "agents":
    case "approvals":
      world.lively = name !== "connected";
      world.lines = name === "lively" ? 10_000 : name === "connected" ? 0 : 600;
      world.agents = name === "agents" || name === "approvals";
      world.asks = name === "approvals";
      world.connections = [
        connectionTo(gmail, "anna@example.org", { display_name: "Anna Lindgren" }),
        connectionTo(drive, "anna@example.org"),
        connectionTo(telegram, "@sandbox_helper_bot", { display_name: "Helper" }),
      ];
      break;
    case "mixed":
      world.sandbox = false;
      world.connections = [
        connectionTo(gmail, "anna@example.org", { display_name: "Anna Lindgren" }),
        connectionTo(gmail, "anna.lindgren@longer-company-name.example", {
          ...old,
          status: { kind: "needs_sign_in", cause: "grant_revoked", since: secondsAgo(400) },
          scopes: gmail.scopes.map(({ scope, title }, index) => ({ scope, title, granted: index === 0 })),
        }),
        connectionTo(drive, "anna@example.org", { ...old, status: { kind: "service_down", since: secondsAgo(70) } }),
      ];
      break;
    case "every_status":
      world.connections = EVERY_STATUS.map((status, index) =>
        connectionTo(gmail, `person${index + 1}@example.org`, { ...old, status }),
      );
      break;
    case "locked_file":
    case "locked":
    case "no_keychain":
    case "failing": {
      const vaults: Record<string, VaultState> = {
        locked_file: { kind: "locked", place: "file" },
        locked: { kind: "locked", place: "keychain" },
        no_keychain: { kind: "no_keychain" },
        failing: { kind: "failing", place: "keychain", reason: "org.freedesktop.Secret.Error: read back something else" },
      };
      world.vault = vaults[name] ?? world.vault;
      const status: Status = name === "no_keychain" ? { kind: "no_keychain" } : { kind: "vault_locked" };
      world.connections = [connectionTo(gmail, "anna@example.org", { ...old, status })];
      break;
    }
    case "first_run_no_keychain":
      world.sandbox = false;
      world.vault = { kind: "no_keychain" };
      break;
    case "first_run_real":
      world.sandbox = false;
      break;
    case "unregistered":
      world.sandbox = false;
      for (const { auth } of integrations) {
        if (auth.kind === "oauth") for (const client of auth.clients) client.registered = null;
      }
      break;
  }
  return world;
}
