/** What a change does to a text, line by line, with a little of what stays around it. */

export interface Line {
  kind: "same" | "gone" | "new";
  text: string;
}

const AROUND = 3;

const linesOf = (text: string): string[] => {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
};

/** One stretch: from the first line that differs to the last. What we change is never more than that. */
export function changedLines(before: string, after: string): Line[] {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  let start = 0;
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start += 1;
  let end = 0;
  while (end < old.length - start && end < fresh.length - start && old.at(-1 - end) === fresh.at(-1 - end)) end += 1;
  const of = (kind: Line["kind"], lines: string[]) => lines.map((text) => ({ kind, text }));
  return [
    ...of("same", old.slice(Math.max(0, start - AROUND), start)),
    ...of("gone", old.slice(start, old.length - end)),
    ...of("new", fresh.slice(start, fresh.length - end)),
    ...of("same", old.slice(old.length - end, old.length - end + AROUND)),
  ];
}
