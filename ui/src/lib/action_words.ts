/** Writes in words: what is sent, and where it stands. */

import type { ActionState, ActionView } from "./api/bindings.ts";
import type { Tone } from "./status.ts";
import { plural, t, type TextKey } from "./texts.ts";
import { shown } from "./visible.ts";
import { fileName, size } from "./words.ts";

const STATES: Record<ActionState["state"], { tone: Tone; word: TextKey }> = {
  awaiting_approval: { tone: "warn", word: "ui_state_awaiting" },
  denied: { tone: "idle", word: "ui_state_denied" },
  queued: { tone: "idle", word: "ui_state_queued" },
  sending: { tone: "idle", word: "ui_state_sending" },
  sent: { tone: "good", word: "ui_state_sent" },
  failed: { tone: "bad", word: "ui_state_failed" },
  outcome_unknown: { tone: "warn", word: "ui_state_unknown" },
  cancelled: { tone: "idle", word: "ui_state_cancelled" },
  expired: { tone: "warn", word: "ui_state_expired" },
};

/** How the outbox can be narrowed down. */
export type Standing = "any" | "awaiting" | "open" | "sent" | "unsent" | "denied";

export const STANDINGS: { value: Standing; word: TextKey }[] = [
  { value: "any", word: "ui_any_state" },
  { value: "awaiting", word: "ui_state_awaiting" },
  { value: "open", word: "ui_on_its_way" },
  { value: "sent", word: "ui_state_sent" },
  { value: "unsent", word: "ui_state_failed" },
  { value: "denied", word: "ui_state_denied" },
];

const STANDING_OF: Record<ActionState["state"], Exclude<Standing, "any">> = {
  awaiting_approval: "awaiting",
  queued: "open",
  sending: "open",
  outcome_unknown: "open",
  sent: "sent",
  failed: "unsent",
  cancelled: "unsent",
  expired: "unsent",
  denied: "denied",
};

export const isOf = ({ state }: ActionView, standing: Standing): boolean =>
  standing === "any" || STANDING_OF[state.state] === standing;

const uploads = (action: ActionView) => action.capability === "files.upload";

export const stateTone = ({ state }: ActionView): Tone => STATES[state.state].tone;

export function stateWord(action: ActionView): string {
  const { state } = action.state;
  if (uploads(action) && state === "sending") return t("ui_state_uploading");
  if (uploads(action) && state === "sent") return t("ui_state_uploaded");
  return t(STATES[state].word);
}

/** The names of a few files, and how many more. */
function fileNames(paths: string[]): string {
  const [first, ...rest] = paths.map(fileName);
  if (first === undefined) return "";
  return rest.length === 0 ? first : plural("ui_and_more", rest.length, { first });
}

/** What is sent, to whom: by its contents, or once they are wiped by what is still known. */
export const whatOf = (action: ActionView): string => shown(wordsOf(action).replace(/\s+/g, " "));

function wordsOf(action: ActionView): string {
  const { content, outline } = action;
  if (content === null) {
    switch (action.capability) {
      case "files.upload":
        return plural("ui_what_files", outline.files);
      case "message.send":
        return t("ui_what_message");
      default:
        return outline.recipients === 1 ? t("ui_what_mail") : t("ui_what_mails", { count: outline.recipients });
    }
  }
  switch (content.action) {
    case "send_email": {
      const [first = "", ...rest] = [...content.to, ...content.cc, ...content.bcc];
      const to = rest.length === 0 ? first : plural("ui_and_more", rest.length, { first });
      return content.subject === "" ? t("ui_what_mail_to", { to }) : t("ui_what_mail_about", { to, subject: content.subject });
    }
    case "upload_files":
      return fileNames(content.files);
    case "send_message":
      return content.text === ""
        ? t("ui_what_message_file", { chat: content.chat, file: fileName(content.file ?? "") })
        : t("ui_what_message_to", { chat: content.chat, text: content.text });
  }
}

/** "3 files, 214 MB", where there is something to count. */
export function weightOf({ outline }: ActionView): string | null {
  if (outline.files === 0) return null;
  const files = plural("ui_file_count", outline.files);
  return outline.bytes === 0 ? files : `${files}, ${size(outline.bytes)}`;
}
