/** The desktop's part of the stand-in: what is chosen, saved, dropped and opened outside the window, and never its hub. */

import type { Error as HubError } from "./bindings.ts";
import { FakeSetup } from "./fake_setup.ts";
import type { AgentClientId, Drop, Shell, ShellPlace } from "./transport.ts";

export class FakeDesktop {
  readonly opened: string[] = [];
  /** The AI clients of this machine. */
  readonly setup = new FakeSetup();
  /** What the person chooses when asked for files or a folder. */
  picks: { files: string[]; folder: string | null } = { files: ["/home/anna/notes.pdf"], folder: "/home/anna/Downloads" };
  readonly saved: { name: string; contents: string }[] = [];
  #drops: (drop: Drop) => void = () => undefined;

  openResult = async (action: string, index: number): Promise<void> => void this.opened.push(`${action}/${index}`);
  openSetup = async (integration: string, step: string): Promise<void> => void this.opened.push(`${integration}/${step}`);
  openSandbox = async (): Promise<void> => void this.opened.push("sandbox");
  pickFiles = async (): Promise<string[]> => [...this.picks.files];
  pickFolder = async (): Promise<string | null> => this.picks.folder;
  saveText = async (name: string, contents: string): Promise<string | null> => {
    this.saved.push({ name, contents });
    return this.picks.folder === null ? null : `${this.picks.folder}/${name}`;
  };
  watchDrops = async (listener: (drop: Drop) => void): Promise<void> => {
    this.#drops = listener;
  };
  readDropped = async (): Promise<string> => `{"installed":{"client_id":"dropped.apps.googleusercontent.com"}}`;

  /** What the desktop says of itself. */
  shell: Shell = {
    start_at_login: false,
    tray: true,
    data_folder: "/home/anna/.local/share/autopilot/profiles/default",
    log_folder: "/home/anna/.local/share/autopilot/profiles/default/logs",
  };
  /** Why the desktop refuses what it is asked. */
  shellTrouble: HubError | null = null;
  readonly places: ShellPlace[] = [];
  aboutShell = async (): Promise<Shell> => ({ ...this.shell });
  setStartAtLogin = async (on: boolean): Promise<Shell> => {
    if (this.shellTrouble !== null) throw this.shellTrouble;
    this.shell.start_at_login = on;
    return { ...this.shell };
  };
  openPlace = async (place: ShellPlace): Promise<void> => {
    if (this.shellTrouble !== null) throw this.shellTrouble;
    this.places.push(place);
  };

  agentClients = async () => structuredClone(this.setup.clients);
  previewAgentClient = async (id: AgentClientId) => this.setup.preview(id);
  setUpAgentClient = async (id: AgentClientId, expectedBefore: string) => this.setup.setUp(id, expectedBefore);
  agentSetupBlock = async () => this.setup.block();

  drop(drop: Drop): void {
    this.#drops(drop);
  }
}
