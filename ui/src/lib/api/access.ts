/** Who may ask what, as `Request::access` has it: each class has its own command, so that the shell can refuse one. */

import type { Request } from "./bindings.ts";

export type Access = "query" | "change" | "window";

export const ACCESS: Record<Request["request"], Access> = {
  hub: "query",
  list_integrations: "query",
  list_connections: "query",
  get_connection: "query",
  list_sign_ins: "query",
  preview_disconnect: "query",
  doctor: "query",

  refresh: "change",
  test: "change",
  begin_sign_in: "change",
  deliver_redirect: "change",
  cancel_sign_in: "change",
  connect_with_form: "change",
  disconnect: "change",
  set_paused: "change",
  unlock_vault: "change",
  open: "change",
  hand_over: "change",

  check_vault: "window",
  use_vault_file: "window",
  register_client: "window",
  register_client_file: "window",
  remove_client: "window",
  set_window_visible: "window",
};
