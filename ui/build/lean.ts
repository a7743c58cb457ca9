/**
 * Only in what is shipped: without what this window never does. Svelte can take up a page that a server has drawn, run
 * components of its former versions, and wait inside of them; whether it does is kept in variables that nobody here ever
 * sets, so they become constants and all that hangs on them falls away. The compiler's own preparations for it go too.
 *
 * What stops the build here is a Svelte that is written differently from the one this was read in.
 */

import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { Plugin } from "vite";

const SRC = fileURLToPath(new URL("../src", import.meta.url));

/** Never set: what sets them is left without effect. */
const NEVER: [file: RegExp, names: string[]][] = [
  [/svelte\/src\/internal\/client\/dom\/hydration\.js$/, ["hydrating"]],
  [/svelte\/src\/internal\/flags\/index\.js$/, ["async_mode_flag", "legacy_mode_flag", "tracing_mode_flag"]],
];

export const lean: Plugin = {
  name: "lean",
  apply: "build",
  transform(code, id) {
    const names = NEVER.find(([file]) => file.test(id))?.[1];
    if (names === undefined) return null;
    let leaner = code;
    for (const name of names) {
      if (!leaner.includes(`export let ${name} = false;`)) this.error(`${id} has no ${name} any more: see ui/build/lean.ts`);
      leaner = leaner.replace(`export let ${name} = false;`, `export const ${name} = false;`).replaceAll(new RegExp(`^\\t${name} = .*$`, "gm"), "");
    }
    return { code: leaner, map: null };
  },
};

/** `reset` and `next` only walk through a page that was drawn before, and slots were how children came in former versions. */
export const spare: Plugin = {
  name: "spare",
  apply: "build",
  enforce: "post",
  transform(code, id) {
    if (!id.endsWith(".svelte") || !code.includes("svelte/internal/client")) return null;
    return {
      code: code
        .replace(/^\s*\$\.(?:reset|next)\([\w$]*\);\n/gm, "")
        .replace(/,\s*\$\$slots: \{[^{}]*\}/g, "")
        .replace(/\$\$slots: \{[^{}]*\},?/g, ""),
      map: null,
    };
  },
};

const MADE_ONCE = (by: string) => new RegExp(String.raw`^var [\w$]+ = (?:/\* ?[@#]__PURE__ ?\*/ )?${by}(?:\$\d+)?\((?:\`[^\`]*\`|"(?:[^"\\\n]|\\.)*")(?:, \d+)?\);\n`, "gm");

/** To where the first of them is. */
function together(code: string, by: string): string {
  const all: string[] = [];
  let at = 0;
  const rest = code.replace(MADE_ONCE(by), (line, offset: number) => {
    if (all.length === 0) at = offset;
    all.push(line);
    return "";
  });
  return rest.slice(0, at) + all.join("") + rest.slice(at);
}

/**
 * Templates stand together in a file, and so do drawings: what is alike is packed well only where it is near. Each is a
 * constant that needs nothing but the function that makes it, which is there where the first of them was.
 */
export const gathered: Plugin = {
  name: "gathered",
  apply: "build",
  renderChunk: (code) => ({ code: together(together(code, "from_html"), "icon"), map: null }),
};

/** The mark that keeps a component's styles its own: as short as their number allows, and the same in every build. */
export function marks(): (component: { filename: string; hash: (text: string) => string; css: string }) => string {
  const all = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".svelte")).sort();
  return ({ filename, hash, css }) => {
    const index = all.findIndex((name) => filename.replaceAll("\\", "/").endsWith(`/${name.replaceAll("\\", "/")}`));
    return index < 0 ? `s${hash(css)}` : `z${index.toString(36)}`; // One that was made while the window runs.
  };
}
