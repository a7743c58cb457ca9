/** The parts of the settings, in their order; what each shows is in components/settings/. */

import Bell from "@lucide/svelte/icons/bell";
import Gauge from "@lucide/svelte/icons/gauge";
import Globe from "@lucide/svelte/icons/globe";
import KeyRound from "@lucide/svelte/icons/key-round";
import Lock from "@lucide/svelte/icons/lock";
import Send from "@lucide/svelte/icons/send";
import ShieldCheck from "@lucide/svelte/icons/shield-check";
import SlidersHorizontal from "@lucide/svelte/icons/sliders-horizontal";
import Stethoscope from "@lucide/svelte/icons/stethoscope";
import type { Component } from "svelte";

import type { SettingsPart } from "./state/app.svelte.ts";
import type { TextKey } from "./texts.ts";

export const PARTS: readonly { id: SettingsPart; title: TextKey; icon: Component<{ size?: number }> }[] = [
  { id: "general", title: "ui_part_general", icon: SlidersHorizontal },
  { id: "sending", title: "ui_part_sending", icon: Send },
  { id: "notifications", title: "ui_part_notifications", icon: Bell },
  { id: "checking", title: "ui_part_checking", icon: Gauge },
  { id: "network", title: "ui_part_network", icon: Globe },
  { id: "privacy", title: "ui_part_privacy", icon: ShieldCheck },
  { id: "secrets", title: "ui_part_secrets", icon: Lock },
  { id: "registrations", title: "ui_part_registrations", icon: KeyRound },
  { id: "diagnostics", title: "ui_part_diagnostics", icon: Stethoscope },
];
