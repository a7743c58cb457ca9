/** What is said of a registration that was just taken. */

import type { ClientTaken } from "$lib/api/bindings.ts";
import type { Tone } from "$lib/status.ts";
import { t } from "$lib/texts.ts";

export interface Taken {
  client: ClientTaken;
  /** What the person said about it that will matter later. */
  reminder: string | null;
}

export function takenWords({ client, reminder }: Taken): { tone: Tone; sentence: string; next?: string } {
  const { project } = client;
  const sentence = project === null ? t("ui_client_taken") : t("ui_client_taken_of", { project });
  return reminder === null ? { tone: "good", sentence } : { tone: "warn", sentence, next: reminder };
}
