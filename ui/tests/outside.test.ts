/**
 * No words for people outside messages/: every source of the window is parsed, and what a person would read or hear is
 * looked for in text, in attributes, in expressions that become text, and in sentences kept in code.
 */

import { parse } from "svelte/compiler";
import { expect, test } from "vitest";

const SOURCES = import.meta.glob<string>("../src/**/*.{ts,svelte}", { query: "?raw", import: "default", eager: true });

/** The stand-in of tests and of `npm run dev`; what it says is nobody's to read in the shipped window. */
const STAND_IN = /\/api\/fake\w*\.ts$/;
const GENERATED = /\/api\/bindings\.ts$/;

/** A name is the same in every language. */
const NAMES = new Set(["Autopilot"]);

/** Attributes of elements, and properties of our components, that are read or heard. */
const READ = new Set(
  "aria-label aria-description aria-roledescription aria-placeholder aria-valuetext title placeholder alt label help sentence next explanation subtitle busyLabel error".split(" "),
);

/** Calls whose arguments are no words: a message's key, a mistake of ours, a look-up in the page. */
const WORDLESS = /^(t|say|plural|tellError|Error|TypeError|querySelector|querySelectorAll|closest|matches|getContext)$/;

type Node = { type: string; start: number; [key: string]: unknown };

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && typeof (value as Node).type === "string";
/** The beginning of a path or an address, shown as an example. */
const isPlace = (text: string) => /^\S*\/\S*$/.test(text);
const hasWord = (text: string) => /\p{L}{2,}/u.test(text.replace(/&\w+;/g, "")) && !NAMES.has(text.trim()) && !isPlace(text.trim());
/** Words with spaces between them, or one with a capital and an end: what no key, class, path or code looks like. */
const isSentence = (text: string) => /^\p{Lu}?[\p{L}’']+,? \p{L}{2,}.*[\p{L}.?!…]$/u.test(text.trim()) || /^\p{Lu}\p{Ll}+[….!?]$/u.test(text.trim());
/** Lists of names for the platform, such as "opacity 90ms", are made of what it knows. */
const isForThePage = (text: string) => /^[a-z-]+( [a-z-]+)*$/.test(text);

function named(node: Node): string {
  const callee = (node.callee ?? {}) as Node;
  return String(callee.name ?? (callee.property as Node | undefined)?.name ?? "");
}

/** What of an expression ends up as text: not what is compared, called with, or looked up by. */
function* shownBy(node: Node): Generator<Node> {
  switch (node.type) {
    case "Literal":
      yield node;
      return;
    case "TemplateLiteral":
      yield* node.quasis as Node[];
      for (const part of node.expressions as Node[]) yield* shownBy(part);
      return;
    case "ConditionalExpression":
      yield* shownBy(node.consequent as Node);
      yield* shownBy(node.alternate as Node);
      return;
    case "LogicalExpression":
    case "BinaryExpression":
      if (node.type === "BinaryExpression" && node.operator !== "+") return;
      yield* shownBy(node.left as Node);
      yield* shownBy(node.right as Node);
  }
}

const textOf = (node: Node): string => {
  if (node.type === "TemplateElement") return String((node.value as { cooked: string }).cooked);
  return typeof node.value === "string" ? node.value : "";
};

function found(source: string, svelte: boolean): string[] {
  const root = parse(svelte ? source : `<script lang="ts">\n${source}\n</script>`, { modern: true }) as unknown as Node;
  const words: string[] = [];
  const shown = (node: Node) => {
    for (const part of shownBy(node)) if (hasWord(textOf(part))) words.push(textOf(part).trim());
  };
  const visit = (node: Node, code: boolean) => {
    switch (node.type) {
      case "StyleSheet":
      case "Comment":
      case "ImportDeclaration":
      case "TSTypeAliasDeclaration":
      case "TSInterfaceDeclaration":
      case "TSTypeAnnotation":
      case "TSLiteralType":
        return;
      case "Attribute": {
        const values = Array.isArray(node.value) ? (node.value as Node[]) : isNode(node.value) ? [node.value] : [];
        const read = READ.has(String(node.name));
        for (const value of values) {
          if (value.type === "Text") {
            if (read && hasWord(String(value.data))) words.push(String(value.data).trim());
          } else {
            if (read) shown(value.expression as Node);
            visit(value.expression as Node, true);
          }
        }
        return;
      }
      case "Text":
        if (!code && hasWord(String(node.data))) words.push(String(node.data).trim());
        return;
      case "ExpressionTag":
        shown(node.expression as Node);
        visit(node.expression as Node, true);
        return;
      case "CallExpression":
      case "NewExpression":
        if (WORDLESS.test(named(node))) return;
        break;
      case "Literal":
      case "TemplateElement":
        if (code && isSentence(textOf(node)) && !isForThePage(textOf(node))) words.push(textOf(node).trim());
        return;
      case "Script":
        return visit(node.content as Node, true);
    }
    for (const [key, value] of Object.entries(node)) {
      if (key === "loc" || key === "leadingComments" || key === "trailingComments" || key === "comments") continue;
      if (isNode(value)) visit(value, code);
      else if (Array.isArray(value)) for (const one of value) if (isNode(one)) visit(one, code);
    }
  };
  visit(root, false);
  return [...new Set(words)];
}

test("the search finds words in text, attributes, expressions and code, and leaves keys, names and classes alone", () => {
  const view = `
    <script lang="ts">
      import { t } from "./texts.ts";
      const why = "It was not possible to send this.";
      const kinds = { one: "Nothing yet…" } as const;
      if (why === "needs_sign_in") throw new Error("this is for us alone");
      let wide: "not for people" = "x y" as never;
    </script>
    <h1 class="big bold title">Hello there</h1>
    <p>Autopilot {t("ui_close")} {why ? "Yes" : t("ui_no")} {kind === "some kind" ? 1 : 2} · 3</p>
    <img alt="A picture" src="/some path/here.png" /><input placeholder={\`Type \${kinds}\`} />
    <Field label="Name" kind="wide field" />
    <style>p { font: 1px "Some Font"; }</style>`;
  expect(found(view, true).sort()).toEqual(
    ["A picture", "Hello there", "It was not possible to send this.", "Name", "Nothing yet…", "Type", "Yes"].sort(),
  );
  expect(found('export const told = (n: number): string => `There are ${n} things.`;\nexport const ask = () => "Send it again";', false)).toEqual([
    "There are",
    "Send it again",
  ]);
});

test("no word for people stands outside the message files", () => {
  const strangers = Object.entries(SOURCES)
    .filter(([path]) => !STAND_IN.test(path) && !GENERATED.test(path))
    .flatMap(([path, source]) => found(source, path.endsWith(".svelte")).map((words) => `${path}: ${words}`));
  expect(Object.keys(SOURCES).length).toBeGreaterThan(100);
  expect(strangers).toEqual([]);
});
