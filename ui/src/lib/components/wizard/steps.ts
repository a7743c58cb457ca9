/** The way to a registration of one's own: the steps of one service, or of all services that share a provider. */

import type { IntegrationId, IntegrationView, SetupStepView } from "$lib/api/bindings.ts";
import { t } from "$lib/texts.ts";

import { Progress } from "./progress.svelte.ts";

export interface Step extends SetupStepView {
  /** What it is remembered by: two services share a step that is done on the same page. */
  id: string;
  /** Whose facts state it, to open its page. */
  integration: IntegrationId;
}

/** Which project a link leads into changes nothing about the step. */
const idOf = (link: string): string => link.split("?")[0] ?? link;

export function stepsOf(services: IntegrationView[]): Step[] {
  const keys = [...new Set(services.flatMap(({ setup }) => setup.map(({ key }) => key)))];
  const all = services.flatMap(({ id, setup }) => setup.map((step) => ({ ...step, id: idOf(step.link), integration: id })));
  // By key first, so that each service's own step stands where the others have theirs.
  const ordered = keys.flatMap((key) => all.filter((step) => step.key === key));
  return ordered.filter((step, index) => ordered.findIndex(({ id }) => id === step.id) === index);
}

/**
 * The step this service alone needs of a registration that is the person's own, and that isn't ticked: it may have been
 * made on the way to another service. Said before the sign-in, which would come back for it.
 */
export function stepAhead(service: IntegrationView): Step | undefined {
  const { auth, name } = service;
  if (auth.kind !== "oauth" || auth.clients.some(({ registered }) => registered?.own === false)) return undefined;
  const { isDone } = new Progress(auth.provider);
  const step = stepsOf([service]).find(({ id, mends }) => mends !== null && !isDone(id));
  return step && { ...step, steps: [t("ui_step_ahead", { service: name }), ...step.steps] };
}
