/** Starts the window: inside Tauri against the real hub, in a plain browser against the stand-in. */

import "./lib/styles/tokens.css";
import "./lib/styles/base.css";
import "./lib/styles/looks.css";

import { mount } from "svelte";

import App from "./App.svelte";
import { isInsideTauri, tauri } from "./lib/api/tauri.ts";
import type { Transport } from "./lib/api/transport.ts";
import { language } from "./lib/state/language.svelte.ts";

async function choose(): Promise<Transport> {
  // The stand-in is left out of what is shipped.
  if (import.meta.env.MODE !== "production" && !isInsideTauri()) {
    const { fakeFor } = await import("./lib/api/fake.ts");
    return fakeFor(new URLSearchParams(location.search).get("scenario"));
  }
  return tauri;
}

const target = document.getElementById("app");
// The first picture is in the language it stays in.
const [transport] = await Promise.all([choose(), language.apply()]);
if (target !== null) mount(App, { target, props: { transport } });
