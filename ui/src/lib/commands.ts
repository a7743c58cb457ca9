/** Everything the window can be asked to do, as the palette lists it: made anew from what is known each time it opens. */

import Activity from "@lucide/svelte/icons/activity";
import Bot from "@lucide/svelte/icons/bot";
import FlaskConical from "@lucide/svelte/icons/flask-conical";
import KeyRound from "@lucide/svelte/icons/key-round";
import Keyboard from "@lucide/svelte/icons/keyboard";
import Languages from "@lucide/svelte/icons/languages";
import Lock from "@lucide/svelte/icons/lock";
import Monitor from "@lucide/svelte/icons/monitor";
import Moon from "@lucide/svelte/icons/moon";
import Package from "@lucide/svelte/icons/package";
import Pause from "@lucide/svelte/icons/pause";
import Play from "@lucide/svelte/icons/play";
import Plug from "@lucide/svelte/icons/plug";
import Plus from "@lucide/svelte/icons/plus";
import RefreshCw from "@lucide/svelte/icons/refresh-cw";
import ShieldQuestion from "@lucide/svelte/icons/shield-question-mark";
import SlidersHorizontal from "@lucide/svelte/icons/sliders-horizontal";
import Stethoscope from "@lucide/svelte/icons/stethoscope";
import Sun from "@lucide/svelte/icons/sun";
import Unplug from "@lucide/svelte/icons/unplug";
import type { Component } from "svelte";

import type { ConnectionView } from "./api/bindings.ts";
import { LANGUAGES } from "./languages.ts";
import { PARTS } from "./settings_parts.ts";
import { PAGES, REFRESH, SETTINGS, SHORTCUTS, type Key } from "./shortcuts.ts";
import type { App } from "./state/app.svelte.ts";
import { language } from "./state/language.svelte.ts";
import { toneOf, wordOf, type Tone } from "./status.ts";
import { plural, t } from "./texts.ts";
import { languageName } from "./words.ts";

export interface Command {
  id: string;
  /** The heading it stands under. */
  group: string;
  label: string;
  icon: Component<{ size?: number }>;
  /** A service's own, in its place. */
  svg?: string | undefined;
  /** Said after the label: where a connection stands, that a choice is made. */
  remark?: { words: string; tone?: Tone };
  keys?: readonly Key[];
  /** Words it is found by as well. */
  also?: string;
  /** Only for those who type: there would be too many to look through. */
  typedOnly?: boolean;
  run: () => void;
}

function pages(app: App): Command[] {
  const group = t("ui_pages");
  const awaiting = app.approvals.queue.length;
  return [
    ...(awaiting === 0
      ? []
      : [{ id: "approvals", group, label: t("ui_look_at_waiting"), icon: ShieldQuestion, remark: { words: plural("ui_awaiting", awaiting), tone: "warn" as const }, run: () => app.approvals.show() }]),
    { id: "connections", group, label: t("ui_connections"), icon: Plug, keys: PAGES.connections.keys, run: () => app.show("connections") },
    { id: "agents", group, label: t("ui_agents"), icon: Bot, keys: PAGES.agents.keys, run: () => app.show("agents") },
    { id: "activity", group, label: t("ui_activity"), icon: Activity, keys: PAGES.activity.keys, run: () => app.show("activity") },
  ];
}

function ofConnection(app: App, connection: ConnectionView): Command[] {
  const { id, status } = connection;
  const around = { service: connection.integration_name, account: connection.account };
  const common = { group: t("ui_connections"), also: `${connection.display_name ?? ""} ${connection.name ?? ""}` };
  const paused = status.kind === "paused";
  /** Its card shows what comes of it. */
  const onCard = (run: () => void) => () => {
    app.show("connections");
    app.spotlight = id;
    run();
  };
  return [
    { ...common, id: `open ${id}`, label: t("ui_service_account", around), icon: Plug, svg: app.integration(connection.integration)?.icon_svg, remark: { words: wordOf(status), tone: toneOf(status) }, run: () => app.dialogs.show({ kind: "connection", connection: id }) },
    { ...common, id: `test ${id}`, label: t("ui_test_which", around), icon: Activity, typedOnly: true, run: onCard(() => void app.connections.test(id)) },
    { ...common, id: `again ${id}`, label: t("ui_sign_in_again_which", around), icon: KeyRound, typedOnly: true, run: () => app.connect(connection.integration, id) },
    paused
      ? { ...common, id: `resume ${id}`, label: t("ui_resume_which", around), icon: Play, typedOnly: true, run: onCard(() => void app.setPaused(id, false)) }
      : { ...common, id: `pause ${id}`, label: t("ui_pause_which", around), icon: Pause, typedOnly: true, run: onCard(() => void app.setPaused(id, true)) },
    { ...common, id: `end ${id}`, label: t("ui_disconnect_which", around), icon: Unplug, typedOnly: true, run: () => app.dialogs.show({ kind: "disconnect", connection: id }) },
  ];
}

function doings(app: App): Command[] {
  const group = t("ui_actions");
  const paused = app.settings?.agents_paused ?? false;
  return [
    { id: "refresh", group, label: t("ui_refresh"), icon: RefreshCw, keys: REFRESH.keys, run: () => void app.refresh() },
    ...app.integrations.map(({ id, name, tagline }) => ({ id: `connect ${id}`, group, label: t("ui_connect_service", { service: name }), icon: Plus, also: tagline, run: () => app.connect(id, null) })),
    ...(app.connections.all.length < 2
      ? []
      : ([
          ["test", "ui_batch_test", Activity],
          ["pause", "ui_batch_pause", Pause],
          ["resume", "ui_batch_resume", Play],
          ["disconnect", "ui_batch_disconnect", Unplug],
        ] as const).map(([what, key, icon]) => ({ id: `all ${what}`, group, label: t(key), also: t("ui_all_of_them"), icon, typedOnly: true, run: () => app.dialogs.show({ kind: "batch", what }) }))),
    ...(app.about?.sandbox === false ? [{ id: "sandbox", group, label: t("ui_try_sandbox"), icon: FlaskConical, run: () => void app.openSandbox() }] : []),
    { id: "pause", group, label: paused ? t("ui_resume_all") : t("ui_pause_all"), icon: paused ? Play : Pause, run: () => void app.pauseAgents(!paused) },
  ];
}

function settings(app: App): Command[] {
  const group = t("ui_settings");
  const chosen = (is: boolean) => (is ? { remark: { words: t("ui_chosen") } } : {});
  const theme = { group, also: t("ui_theme") };
  const tongue = { group, also: `${t("ui_language")} ${LANGUAGES.map(languageName).join(" ")}`, icon: Languages };
  const { current } = app.theme;
  return [
    { id: "settings", group, label: t("ui_settings_title"), icon: SlidersHorizontal, keys: SETTINGS.keys, also: t("ui_settings"), run: () => SETTINGS.run(app) },
    ...PARTS.map(({ id, title, icon }) => ({ id: `settings ${id}`, group, label: t("ui_settings_part", { part: t(title) }), icon, typedOnly: true, run: () => app.showSettings(id) })),
    { id: "clients", group, label: t("ui_clients"), icon: KeyRound, also: t("ui_sign_ins"), run: () => app.dialogs.show({ kind: "clients", provider: null }) },
    { id: "vault", group, label: t("ui_panel_secrets"), icon: Lock, also: t("ui_to_keychain"), run: () => app.dialogs.show({ kind: "vault" }) },
    { id: "doctor", group, label: t("ui_doctor_title"), icon: Stethoscope, also: t("ui_doctor_also"), run: () => app.dialogs.show({ kind: "doctor" }) },
    { id: "moving", group, label: t("ui_moving_title"), icon: Package, also: t("ui_moving_also"), run: () => app.dialogs.show({ kind: "moving" }) },
    { ...theme, id: "theme system", label: t("ui_theme_which", { theme: t("ui_theme_system") }), icon: Monitor, ...chosen(current === "system"), run: () => app.theme.choose("system") },
    { ...theme, id: "theme light", label: t("ui_theme_which", { theme: t("ui_theme_light") }), icon: Sun, ...chosen(current === "light"), run: () => app.theme.choose("light") },
    { ...theme, id: "theme dark", label: t("ui_theme_which", { theme: t("ui_theme_dark") }), icon: Moon, ...chosen(current === "dark"), run: () => app.theme.choose("dark") },
    { ...tongue, id: "language system", label: t("ui_language_which", { language: t("ui_language_system") }), ...chosen(language.wish === "system"), run: () => void language.choose("system") },
    ...LANGUAGES.map((one) => ({ ...tongue, id: `language ${one}`, label: t("ui_language_which", { language: languageName(one) }), ...chosen(language.wish === one), run: () => void language.choose(one) })),
    { id: "shortcuts", group, label: t("ui_shortcuts"), icon: Keyboard, keys: SHORTCUTS.keys, run: () => app.dialogs.show({ kind: "shortcuts" }) },
  ];
}

export function commandsOf(app: App): Command[] {
  return [...pages(app), ...app.connections.all.flatMap((connection) => ofConnection(app, connection)), ...doings(app), ...settings(app)];
}
