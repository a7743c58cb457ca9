/** What waits for the person, in words. */

import type { ActionView, Caller } from "./api/bindings.ts";
import { hides, shown } from "./visible.ts";
import { fileName } from "./words.ts";

/** The name of a caller of which nothing else is known. */
export const whoAsks = (caller: Caller): string =>
  shown("executable" in caller ? fileName(caller.executable) : "name" in caller ? caller.name : "");

/** Something in it doesn't show by itself, and is marked where it stands. */
export function disguised({ content, files, caller }: ActionView): boolean {
  const lines = ["executable" in caller ? caller.executable : "", ...files.flatMap(({ path, name }) => [path, name])];
  const texts: string[] = [];
  if (content?.action === "send_email") {
    lines.push(...content.to, ...content.cc, ...content.bcc, content.subject, content.reply_to ?? "");
    texts.push(content.text ?? "", content.html ?? "");
  } else if (content?.action === "send_message") {
    lines.push(content.chat);
    texts.push(content.text);
  } else if (content?.action === "upload_files") {
    lines.push(content.folder ?? "");
  }
  return lines.some((line) => hides(line)) || texts.some((text) => hides(text, true));
}
