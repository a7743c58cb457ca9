/** Shows a dialog above everything, and gives the focus back to what opened it. Knows nothing of what is inside. */

/** For `{@attach}`; what it returns closes the dialog again. */
export function modal(dialog: HTMLDialogElement): () => void {
  const opener = document.activeElement;
  dialog.showModal();
  return () => {
    dialog.close();
    if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true });
  };
}
