/**
 * Only in what is shipped: words are most of what this window draws, and Svelte makes a function or a memory for each of
 * them. Here they are said in as little code as it takes; what is drawn, and when, stays the same.
 *
 * What isn't recognised is left as it is: a Svelte that writes differently makes a heavier window, never a wrong one.
 */

import type { Plugin } from "vite";

/** As much of a syntax tree as is looked at here. */
type Node = { type: string; start: number; end: number; [part: string]: unknown };
type Edit = { start: number; end: number; text: string };

const isNode = (value: unknown): value is Node => typeof (value as Node | null)?.type === "string";
const children = (node: Node): Node[] => Object.values(node).flat().filter(isNode);
const body = (node: Node): Node[] => (Array.isArray(node.body) ? (node.body as Node[]) : []);

const SAID = "\0said";
/** A snippet that says one thing, in an element or by itself. */
const SAY = `import * as $ from "svelte/internal/client";
export const said = (words, make = $.text) => (anchor) => {
  const node = make();
  const text = make === $.text ? node : $.only_child(node, true);
  $.template_effect(() => $.set_text(text, words()));
  $.append(anchor, node);
};`;

/** What Svelte makes of such a snippet, without its spaces: what is made, the text in it, what is said. */
const SNIPPET =
  /^\(\$\$anchor(?:,\$\$slotProps)?\)=>\{var([\w$]+)=([\w$.]+)\(\);(?:var([\w$]+)=\$\.only_child\(\1,true\);)?\$\.template_effect\((?:\(\$0\)=>\$\.set_text\(([\w$]+),\$0\),\[|\(\)=>\$\.set_text\(([\w$]+),)/;

/** A function of its own for every word on a button is much of what the window weighs: one makes them all. */
function snippet(node: Node, code: string): Edit | null {
  if (node.type !== "ArrowFunctionExpression" || !isNode(node.body)) return null;
  const statements = body(node.body);
  const effect = statements.at(-2)?.expression;
  if (statements.length < 3 || statements.length > 4 || !isNode(effect) || effect.type !== "CallExpression") return null;
  const [, made, by, inside, one, other] = SNIPPET.exec(code.slice(node.start, node.end).replace(/\s+/g, "")) ?? [];
  if (made === undefined || (one ?? other) !== (inside ?? made) || (inside === undefined) !== (by === "$.text")) return null;
  const [set, given] = effect.arguments as [Node, Node?];
  const words = given ? (given.elements as Node[]) : ((set.body as Node).arguments as Node[]).slice(1);
  const [first] = words;
  if (words.length !== 1 || first === undefined) return null;
  const source = code.slice(first.start, first.end);
  return { start: node.start, end: node.end, text: `$$said(${given ? source : `() => (${source})`}${inside === undefined ? "" : `, ${by}`})` };
}

/** `$0` in here, but for what inside has one of its own. */
function uses(name: string, node: Node): Node[] {
  return children(node).flatMap((child) => {
    if (child.type === "Identifier") return child.name === name ? [child] : [];
    const own = [...body(child).map(declares), ...((child.params as Node[] | undefined) ?? []).map((one) => one.name)];
    return own.includes(name) ? [] : uses(name, child);
  });
}

function declares(node: Node): string | null {
  const [one] = node.type === "VariableDeclaration" ? (node.declarations as Node[]) : [];
  return one === undefined ? null : ((one.id as Node).name as string);
}

const PLAIN = /^(?:Identifier|(?:Static|Computed)?MemberExpression|Literal|Template(?:Literal|Element)|(?:Conditional|Binary|Logical|Unary|Chain|Parenthesized)Expression)$/;

/** Nothing new is made by it but words: read twice it is the same twice, and found as fast as what was remembered of it. */
function isPlain(node: Node, code: string): boolean {
  if (node.type !== "CallExpression") return PLAIN.test(node.type) && children(node).every((child) => isPlain(child, code));
  const { start, end } = node.callee as Node;
  const args = (node.arguments as Node[]).flatMap((one) => (one.type === "ObjectExpression" ? (one.properties as Node[]).map(({ value }) => value as Node) : [one]));
  return ["t", "plural", "$.get"].includes(code.slice(start, end)) && args.every((one) => isNode(one) && isPlain(one, code));
}

/** Svelte keeps a memory for whatever it hands on; what is plain needs none. */
function memories(block: Node, code: string): Edit[] {
  if (block.type !== "BlockStatement") return [];
  return body(block).flatMap((node) => {
    const name = declares(node);
    if (name === null || !/^let \$\d+ = \$\.derived\(\(\) => /.test(code.slice(node.start, node.end))) return [];
    const [one] = node.declarations as [Node];
    const [{ body: told }] = (one.init as Node).arguments as [{ body: Node }];
    const [, use, ...more] = uses(name, block);
    if (use === undefined || more.length > 0 || !isPlain(told, code)) return [];
    const [start, end] = [use.start - "$.get(".length, use.end + 1];
    if (!code.slice(start - "return ".length, end).startsWith(`return $.get(${name})`)) return [];
    return [{ start: node.start, end: node.end, text: "" }, { start, end, text: code.slice(told.start, told.end) }];
  });
}

/** The same where Svelte draws: what several values are set by, each remembered, becomes one that looks them up. */
function drawn(node: Node, code: string): Edit[] {
  if (node.type !== "CallExpression" || !code.startsWith("$.template_effect(", node.start)) return [];
  const [draw, given, ...more] = node.arguments as [Node, Node?];
  if (given === undefined || more.length > 0) return [];
  const told = (given.elements as Node[]).map((one) => one.body as Node);
  const used = (draw.params as Node[]).map(({ name }) => uses(name as string, draw.body as Node));
  if (used.some((all) => all.length !== 1) || !told.every((one) => isPlain(one, code))) return [];
  const values = used.map(([use], index) => ({ start: use!.start, end: use!.end, text: `(${code.slice(told[index]!.start, told[index]!.end)})` }));
  return [{ start: draw.start, end: code.indexOf("=>", draw.start), text: "() " }, { start: draw.end, end: node.end, text: ")" }, ...values];
}

export const terse: Plugin = {
  name: "terse",
  apply: "build",
  enforce: "post",
  resolveId: (id) => (id === SAID ? id : null),
  load: (id) => (id === SAID ? SAY : null),
  transform(code, id) {
    if (!id.endsWith(".svelte") || !code.includes("svelte/internal/client")) return null;
    const edits: Edit[] = [];
    const walk = (node: Node) => {
      const said = snippet(node, code);
      if (said) edits.push(said);
      edits.push(...memories(node, code), ...drawn(node, code));
      if (!said) children(node).forEach(walk);
    };
    walk(this.parse(code) as unknown as Node);
    if (edits.length === 0) return null;
    const terser = edits.sort((a, b) => b.start - a.start).reduce((rest, { start, end, text }) => rest.slice(0, start) + text + rest.slice(end), code);
    return { code: `import { said as $$said } from "${SAID.replace("\0", "\\0")}";\n${terser}`, map: null };
  },
};
