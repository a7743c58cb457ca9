/** Whether whatever takes the focus shows it: for the test of every scene. */

/** Frames aren't among them: their focus is their own document's, and base.css draws one around `iframe:focus`. */
const CAN_FOCUS = "a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, [tabindex='0']";
/** Around a field its frame shows the focus, not the field. */
const LEVELS = 3;
const LOOKS = ["outlineStyle", "outlineWidth", "outlineColor", "boxShadow", "borderColor", "backgroundColor"] as const;

function looks(element: Element): string {
  const all: string[] = [];
  for (let at: Element | null = element, level = 0; at !== null && level < LEVELS; at = at.parentElement, level += 1) {
    const style = getComputedStyle(at);
    all.push(LOOKS.map((name) => (name.startsWith("outline") && style.outlineStyle === "none" ? "" : style[name])).join("|"));
  }
  return all.join("\n");
}

/** What can take the focus and looks as it did before. */
export function unseenFocus(): string[] {
  const root = document.querySelector("dialog[open]") ?? document.body;
  const unseen: string[] = [];
  for (const element of root.querySelectorAll<HTMLElement>(CAN_FOCUS)) {
    if (!element.checkVisibility() || element.closest("[hidden], [inert], [role=menu]") !== null) continue;
    (document.activeElement as HTMLElement | null)?.blur();
    const before = looks(element);
    element.focus({ preventScroll: true });
    if (document.activeElement !== element) continue;
    for (const animation of document.getAnimations()) {
      if (animation.effect?.getComputedTiming().iterations !== Infinity) animation.finish();
    }
    if (looks(element) === before) unseen.push(element.outerHTML.slice(0, 160));
  }
  return unseen;
}
