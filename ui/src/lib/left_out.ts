/** A step on the way to a registration that was left out: what mends a refusal, or a sign-in that ends after a few days. */

import type { ConnectionView, IntegrationView, SetupStepView, Status } from "./api/bindings.ts";

const isOfTrial = (status: Status): boolean =>
  (status.kind === "needs_sign_in" && status.cause === "trial_ended") || (status.kind === "expiring" && status.why === "rhythm");

export const leftOut = ({ status }: ConnectionView, integration: IntegrationView | undefined): SetupStepView | undefined =>
  integration?.setup.find(({ mends, ends_trial }) => (status.kind === "refused" ? mends === status.reason : ends_trial && isOfTrial(status)));
