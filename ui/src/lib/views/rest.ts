/** What the first picture doesn't need, in one piece: many small ones would be longer together. Reached by `later.ts`. */

export { default as ActivityPage } from "./ActivityPage.svelte";
export { default as AgentsPage } from "./AgentsPage.svelte";
export { default as Approvals } from "./Approvals.svelte";
export { default as SettingsPage } from "./SettingsPage.svelte";
export { default as PointedMenu } from "../components/shared/PointedMenu.svelte";
export { default as UndoBar } from "../components/shared/UndoBar.svelte";
export { default as Dialogs } from "./Dialogs.svelte";
