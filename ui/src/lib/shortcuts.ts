/** What the keyboard does everywhere in the window. A dialog that is open comes first: nothing happens behind it. */

import type { App } from "./state/app.svelte.ts";
import type { TextKey } from "./texts.ts";

/** Keys as they are drawn; those with a name are named in the person's language. */
export type Key = "mod" | "shift" | "escape" | "enter" | "space" | "tab" | "up" | "down" | "left" | "right" | (string & {});

export interface Shortcut {
  keys: readonly Key[];
  says: TextKey;
}

interface Everywhere extends Shortcut {
  run: (app: App) => void;
}

export const isMac = /mac/i.test(navigator.platform);

export const PALETTE = { keys: ["mod", "K"], says: "ui_commands", run: (app) => app.dialogs.show({ kind: "palette" }) } as const satisfies Everywhere;
export const SHORTCUTS = { keys: ["mod", "/"], says: "ui_shortcuts", run: (app) => app.dialogs.show({ kind: "shortcuts" }) } as const satisfies Everywhere;
export const REFRESH = { keys: ["mod", "R"], says: "ui_refresh", run: (app) => void app.refresh() } as const satisfies Everywhere;
export const SETTINGS = { keys: ["mod", ","], says: "ui_settings_title", run: (app) => app.show("settings") } as const satisfies Everywhere;
export const UNDO = { keys: ["mod", "Z"], says: "ui_undo", run: (app) => app.undo.take() } as const satisfies Everywhere;
export const PAGES = {
  connections: { keys: ["mod", "1"], says: "ui_connections", run: (app) => app.show("connections") },
  agents: { keys: ["mod", "2"], says: "ui_agents", run: (app) => app.show("agents") },
  activity: { keys: ["mod", "3"], says: "ui_activity", run: (app) => app.show("activity") },
} as const satisfies Record<string, Everywhere>;

export const EVERYWHERE: readonly Everywhere[] = [PALETTE, SHORTCUTS, PAGES.connections, PAGES.agents, PAGES.activity, REFRESH, UNDO, SETTINGS];

/** What parts of the window do with keys while they have the focus; told, not done here. */
export const INSIDE: readonly Shortcut[] = [
  { keys: ["escape"], says: "ui_keys_close" },
  { keys: ["up", "down"], says: "ui_keys_move" },
  { keys: ["enter"], says: "ui_keys_choose" },
  { keys: ["space"], says: "ui_keys_approve" },
  { keys: ["left", "right"], says: "ui_keys_tabs" },
  // A Mac has neither this key nor a menu key.
  ...(isMac ? [] : [{ keys: ["shift", "F10"], says: "ui_keys_menu" } as const]),
];

/** As `aria-keyshortcuts` has it. */
export const spelled = (keys: readonly Key[]): string => keys.map((key) => (key === "mod" ? (isMac ? "Meta" : "Control") : key)).join("+");

/** What was typed into a field is taken back there. */
const isTyped = (target: EventTarget | null): boolean =>
  target instanceof Element && target.matches("textarea, input:not([type=checkbox], [type=radio])");

function matches(event: KeyboardEvent, keys: readonly Key[]): boolean {
  const mod = isMac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  if (event.altKey || event.key.toLowerCase() !== keys.at(-1)!.toLowerCase()) return false;
  // "/" needs Shift on some keyboards and none on others.
  return mod && (!event.shiftKey || event.key === "/");
}

/** True = it was ours. */
export function press(app: App, event: KeyboardEvent): boolean {
  const shortcut = EVERYWHERE.find(({ keys }) => matches(event, keys));
  if (shortcut === undefined || app.phase !== "ready") return false;
  if (shortcut === UNDO && (app.undo.offered === null || isTyped(event.target))) return false;
  const palette = app.dialogs.open?.kind === "palette";
  if (shortcut === PALETTE && palette) app.dialogs.close();
  else if (app.dialogs.open === null && app.approvals.shown === null) shortcut.run(app);
  return true;
}
