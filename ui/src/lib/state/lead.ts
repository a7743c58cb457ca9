/** Leads the window to where a notification, a link or another program wants it to be. */

import type { OpenTarget } from "../api/bindings.ts";
import { asHubError } from "../api/transport.ts";
import type { App } from "./app.svelte.ts";

/** What stands in a dialog's fields, or is being done there. */
const isBusy = (): boolean =>
  [...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("dialog :is(input:not([type=checkbox], [type=radio]), textarea)")].some(
    ({ value, defaultValue }) => value !== defaultValue,
  );

/** Whatever any program or page may ask for waits until what a person has begun to type is done with. */
export async function lead(app: App, target: OpenTarget): Promise<void> {
  if (!["approvals", "link_refused", "attempt"].includes(target.place) && isBusy()) {
    app.dialogs.afterwards(() => void lead(app, target));
    return;
  }
  switch (target.place) {
    case "connections":
      app.dialogs.close();
      app.show("connections");
      break;
    case "connection":
      app.show("connections");
      app.spotlight = target.id;
      app.dialogs.show({ kind: "connection", connection: target.id });
      break;
    case "sign_in":
      app.connect(target.integration, target.connection);
      break;
    case "vault":
    case "moving":
      app.dialogs.show({ kind: target.place });
      break;
    case "activity":
      app.dialogs.close();
      app.actionInView = target.action;
      app.show("activity");
      break;
    case "approvals":
      app.approvals.show();
      break;
    case "agents":
      app.dialogs.close();
      app.callerInView = target.caller;
      app.show("agents");
      break;
    case "link_refused":
      app.dialogs.interrupt({ kind: "link_refused", error: target.error });
      break;
    case "attempt": {
      if (app.signIns.find(target.id) === undefined) {
        await app.signIns.load().catch((thrown: unknown) => (app.trouble = asHubError(thrown)));
      }
      const signIn = app.signIns.find(target.id);
      if (signIn !== undefined) app.signInEnds.show(signIn);
      break;
    }
    default:
      target satisfies never; // A new place has to be led to.
  }
}
