/** What stays at the window's edges tells the page how much it covers: the page leaves room for it, and scrolls what takes the focus clear of it. */

/** Between it and whatever comes next to it. */
const AIR = 8;

/** For `{@attach}`; styles/base.css leaves the room. */
export const covers = (edge: "--top" | "--bar" | "--undo") => (node: HTMLElement) => {
  const { style } = document.documentElement;
  const watch = new ResizeObserver(() => style.setProperty(edge, `${node.offsetHeight + AIR}px`));
  watch.observe(node);
  return () => {
    watch.disconnect();
    style.removeProperty(edge);
  };
};
