/** Several integrations share a provider, and so its registrations. */

import type { ClientView, IntegrationView, ProviderId } from "./api/bindings.ts";

export interface Provider {
  provider: ProviderId;
  clients: ClientView[];
  /** The services that sign in with them. */
  used: string[];
}

/** Nobody can sign in to it before a registration is added. */
export const unregistered = ({ auth }: IntegrationView): boolean =>
  auth.kind === "oauth" && auth.clients.every(({ registered }) => registered === null);

export function providersOf(integrations: readonly IntegrationView[]): Provider[] {
  const found = new Map<ProviderId, Provider>();
  for (const { auth, name } of integrations) {
    if (auth.kind !== "oauth") continue;
    const known = found.get(auth.provider);
    if (known) known.used.push(name);
    else found.set(auth.provider, { provider: auth.provider, clients: auth.clients, used: [name] });
  }
  return [...found.values()];
}
