/** The stand-in's AI clients: settings files as they are found, and what setting up makes of them. */

import type { Error as HubError } from "./bindings.ts";
import type { AgentClient, AgentClientId, AgentSetupBlock, AgentSetupChange, AgentSetupDone } from "./transport.ts";

const BLOCK = { command: "/usr/bin/autopilot", args: ["mcp"] };

const BEFORE = `{
  // Kept as it is.
  "theme": "dark",
  "mcpServers": {
    "files": { "command": "npx", "args": ["-y", "server-files"] }
  }
}
`;

const AFTER = `{
  // Kept as it is.
  "theme": "dark",
  "mcpServers": {
    "files": { "command": "npx", "args": ["-y", "server-files"] },
    "autopilot": {
      "command": "/usr/bin/autopilot",
      "args": ["mcp"]
    }
  }
}
`;

const failed = (code: HubError["code"], args: Record<string, string>): HubError => ({ code, args, retry_after_s: null, detail: null });

export class FakeSetup {
  clients: AgentClient[] = [
    { id: "claude_desktop", name: "Claude Desktop", path: "/home/anna/.config/Claude/claude_desktop_config.json", state: "ready", reason: null },
    { id: "claude_code", name: "Claude Code", path: "/home/anna/.claude.json", state: "set_up", reason: null },
    { id: "vscode", name: "VS Code", path: "/home/anna/.config/Code/User/mcp.json", state: "unreadable", reason: "/home/anna/.config/Code/User/mcp.json has a mistake in line 14, column 3." },
    { id: "cursor", name: "Cursor", path: null, state: "not_installed", reason: null },
  ];
  /** What the file holds now: changed meanwhile by somebody else where a test says so. */
  contents = BEFORE;

  preview(id: AgentClientId): AgentSetupChange {
    const path = this.#path(id);
    return { path, before: this.contents, after: AFTER, backup: `${path}.before-autopilot` };
  }

  setUp(id: AgentClientId, expectedBefore: string): AgentSetupDone {
    const path = this.#path(id);
    if (expectedBefore !== this.contents) throw failed("invalid_input", { reason: `${path} changed after it was shown, so it was left as it is.` });
    for (const client of this.clients) if (client.id === id) client.state = "set_up";
    this.contents = AFTER;
    return { path, backup: `${path}.before-autopilot` };
  }

  block(): AgentSetupBlock {
    return { ...BLOCK, json: JSON.stringify({ mcpServers: { autopilot: BLOCK } }, null, 2) };
  }

  #path(id: AgentClientId): string {
    const path = this.clients.find((client) => client.id === id)?.path;
    if (path === null || path === undefined) throw failed("file_unreadable", { file: id });
    return path;
  }
}
