/** A step on the way to a registration that was left out, as the service says it: what mends a refusal. */

import type { ConnectionView, IntegrationView, SetupStepView } from "./api/bindings.ts";

export function leftOut({ status }: ConnectionView, integration: IntegrationView | undefined): SetupStepView | undefined {
  return status.kind === "refused" ? integration?.setup.find(({ mends }) => mends === status.reason) : undefined;
}
