/** Copying. The older way stays as a second try: some web views give pages no modern clipboard. */

export async function copyText(text: string, beside: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text, beside);
  }
}

/** Beside, not in the body: a modal dialog makes everything outside itself unselectable. */
function copyBySelection(text: string, beside: HTMLElement): boolean {
  const area = document.createElement("textarea");
  area.className = "visually-hidden";
  area.value = text;
  area.tabIndex = -1;
  beside.after(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  beside.focus({ preventScroll: true });
  return copied;
}
