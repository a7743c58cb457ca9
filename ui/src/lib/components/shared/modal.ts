/** Shows a dialog above everything, and gives the focus back to what opened it. Knows nothing of what is inside. */

/** What stands where this stood: a service's card, which is another one once an account is connected or gone. */
function placeOf(opener: Element | null): string | null {
  const service = opener?.closest<HTMLElement>("[data-integration]")?.dataset.integration;
  return service === undefined ? null : `[data-integration="${CSS.escape(service)}"]`;
}

/** For `{@attach}`; what it returns closes the dialog again. */
export function modal(dialog: HTMLDialogElement): () => void {
  const opener = document.activeElement;
  const place = placeOf(opener);
  dialog.showModal();
  return () => {
    dialog.close();
    const there = opener instanceof HTMLElement && opener.isConnected ? opener : null;
    const instead = place === null ? null : document.querySelector<HTMLElement>(`:is(${place}) :is(button, a[href])`);
    (there ?? instead)?.focus({ preventScroll: true });
  };
}
