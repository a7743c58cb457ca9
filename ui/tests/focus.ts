/** Whether whatever takes the focus shows it, and is itself in sight: for the test of every scene. */

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

/** How many points are looked at, along and down: something of it has to be in sight, not all. */
const POINTS = 5;

/** A menu closes as soon as keys lead out of it, so what it lies on isn't covered by it. */
function inSight(element: Element): boolean {
  const { left, top, width, height } = element.getBoundingClientRect();
  const share = (index: number) => (index + 0.5) / POINTS;
  for (let x = 0; x < POINTS; x += 1) {
    for (let y = 0; y < POINTS; y += 1) {
      const there = document.elementFromPoint(left + width * share(x), top + height * share(y));
      if (there !== null && (element.contains(there) || there.contains(element) || there.closest("[role=menu]") !== null)) return true;
    }
  }
  return false;
}

/** A field that isn't drawn is seen by its words. */
const covered = (element: HTMLElement): boolean => ![element, ...((element as HTMLInputElement).labels ?? [])].some(inSight);

/** What can take the focus and looks as it did before, or lies wholly behind something else. */
export function unseenFocus(): string[] {
  const root = document.querySelector("dialog[open]") ?? document.body;
  const unseen: string[] = [];
  for (const element of root.querySelectorAll<HTMLElement>(CAN_FOCUS)) {
    if (!element.checkVisibility() || element.closest("[hidden], [inert], [role=menu]") !== null) continue;
    (document.activeElement as HTMLElement | null)?.blur();
    const before = looks(element);
    element.focus();
    if (document.activeElement !== element) continue;
    for (const animation of document.getAnimations()) {
      if (animation.effect?.getComputedTiming().iterations !== Infinity) animation.finish();
    }
    if (looks(element) === before) unseen.push(element.outerHTML.slice(0, 160));
    if (covered(element)) unseen.push(`covered: ${element.outerHTML.slice(0, 160)}`);
  }
  return unseen;
}
