/** What a capability is used by: the forms of this window, and the tools that agents see. */

import type { Capability } from "./api/bindings.ts";
import { t, type TextKey } from "./texts.ts";

interface Uses {
  forms: readonly TextKey[];
  /** As `crates/mcp/src/offer.rs` names them; a test compares the two through the texts of the tools. */
  tools: readonly string[];
}

export const USES: Record<Capability, Uses> = {
  "mail.send": { forms: ["ui_write_mail"], tools: ["send_email"] },
  "mail.read": { forms: ["ui_look_at_mail"], tools: ["list_emails", "read_email"] },
  "files.list": { forms: ["ui_files"], tools: ["list_files"] },
  "files.upload": { forms: ["ui_upload_files"], tools: ["upload_files"] },
  "files.download": { forms: ["ui_can_files_download"], tools: ["download_file"] },
  "message.send": { forms: ["ui_can_message_send"], tools: ["send_message"] },
  "chats.list": { forms: ["ui_claim_another"], tools: ["list_chats"] },
};

export const formsOf = (capabilities: readonly Capability[]): string[] => [
  ...new Set(capabilities.flatMap((capability) => USES[capability].forms.map((key) => t(key).replace(/…$/, "")))),
];

export const toolsOf = (capabilities: readonly Capability[]): string[] => capabilities.flatMap((capability) => USES[capability].tools);
