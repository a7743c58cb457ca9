/** Where the end of a sign-in is told: in its dialog, in one that waits its turn, or nowhere, since it was told already. */

import type { SignInView } from "../api/bindings.ts";
import type { App } from "./app.svelte.ts";
import type { DialogPlace } from "./dialogs.svelte.ts";
import { isOver } from "./sign_ins.svelte.ts";

export class SignInEnds {
  readonly #app: App;

  constructor(app: App) {
    this.#app = app;
  }

  take(signIn: SignInView): void {
    const { connections, dialogs, signIns } = this.#app;
    const before = signIns.find(signIn.id);
    signIns.put(signIn);
    if (!isOver(signIn) || (before !== undefined && isOver(before))) return;
    const { state } = signIn;
    if (state.kind === "connected") connections.put(state.connection);
    if (this.#isShowing(signIn)) {
      if (this.#isPicked(signIn)) dialogs.show(this.#resultOf(signIn));
      return;
    }
    // Cancelled elsewhere, by someone who was told there.
    if (state.kind === "failed" && state.error.code === "sign_in_cancelled") return;
    // A whole success by loopback was already told in the browser; a deep link lands on no page.
    const whole = state.kind === "connected" && state.missing.length === 0;
    const untold = !whole || signIn.redirect === "deep_link";
    if (untold || signIns.isOurs(signIn.id)) dialogs.showWhenFree(this.#resultOf(signIn));
  }

  /** Where it stands, unless that is in view already. */
  show(signIn: SignInView): void {
    if (!this.#isShowing(signIn)) this.#app.dialogs.show(this.#resultOf(signIn));
  }

  #isShowing(signIn: SignInView): boolean {
    const { open } = this.#app.dialogs;
    if (this.#isPicked(signIn) && open?.kind === "connection") return open.connection === signIn.connection;
    return (
      open?.kind === "connect" &&
      (open.attempt === signIn.id ||
        (open.attempt === null && open.integration === signIn.integration && open.connection === signIn.connection))
    );
  }

  /** Files were handed over: their list says it better than any sentence. */
  #isPicked({ id, state }: SignInView): boolean {
    return state.kind === "connected" && state.missing.length === 0 && this.#app.signIns.isPick(id);
  }

  #resultOf(signIn: SignInView): DialogPlace {
    return this.#isPicked(signIn) && signIn.connection !== null
      ? { kind: "connection", connection: signIn.connection, tab: "try" }
      : { kind: "connect", integration: signIn.integration, connection: signIn.connection, attempt: signIn.id };
  }
}
