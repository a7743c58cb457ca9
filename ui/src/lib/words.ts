/** Small words made from names. */

import type { ProviderId } from "./api/bindings.ts";

/** "google" as people write it. */
export function providerName(provider: ProviderId): string {
  return provider
    .split(/[_-]/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join(" ");
}
