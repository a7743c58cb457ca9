/** Sign-ins under way, and those that have just ended. */

import type { AttemptId, ConnectionId, IntegrationId, SignInView } from "../api/bindings.ts";
import type { Hub } from "../api/hub.ts";

export const isOver = ({ state }: SignInView): boolean => state.kind === "connected" || state.kind === "failed";

export class SignIns {
  all = $state<SignInView[]>([]);
  readonly #hub: Hub;
  /** Begun in this window: their end is always told here. */
  readonly #ours = new Set<AttemptId>();
  /** Those at which files are handed over. */
  readonly #picks = new Set<AttemptId>();

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  find(id: AttemptId): SignInView | undefined {
    return this.all.find((signIn) => signIn.id === id);
  }

  /** The one still under way for this account, or for a new account of this integration. */
  underWay(integration: IntegrationId, connection: ConnectionId | null): SignInView | undefined {
    return this.all.findLast(
      (signIn) => signIn.integration === integration && signIn.connection === connection && !isOver(signIn),
    );
  }

  isOurs(id: AttemptId): boolean {
    return this.#ours.has(id);
  }

  isPick(id: AttemptId): boolean {
    return this.#picks.has(id);
  }

  /** Takes in what the hub says; an answer that comes late never takes an ended sign-in back. */
  put(signIn: SignInView): void {
    const at = this.all.findIndex(({ id }) => id === signIn.id);
    const known = this.all[at];
    if (known === undefined) this.all.push(signIn);
    else if (!isOver(known) || isOver(signIn)) this.all[at] = signIn;
  }

  async load(): Promise<void> {
    for (const signIn of await this.#hub.listSignIns()) this.put(signIn);
  }

  async begin(integration: IntegrationId, connection: ConnectionId | null, scopes: string[] | null): Promise<SignInView> {
    const signIn = await this.#hub.beginSignIn(integration, connection, scopes);
    this.#ours.add(signIn.id);
    this.put(signIn);
    return signIn;
  }

  /** The same, at which files of the person's are handed over. */
  async beginPick(connection: ConnectionId): Promise<SignInView> {
    const signIn = await this.#hub.beginPick(connection);
    this.#picks.add(signIn.id);
    this.#ours.add(signIn.id);
    this.put(signIn);
    return signIn;
  }

  async deliver(url: string): Promise<SignInView> {
    const signIn = await this.#hub.deliverRedirect(url);
    this.put(signIn);
    return signIn;
  }

  async cancel(id: AttemptId): Promise<void> {
    this.put(await this.#hub.cancelSignIn(id));
  }
}
