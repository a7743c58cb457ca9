/**
 * Only in what is shipped: an icon is its drawing and one small component for all of them. Lucide's own component merges
 * contexts, classes and attributes that nothing here uses, and each of its icons is a component with its own set-up.
 */

import type { Plugin } from "vite";

type Node = [string, Record<string, string | number>][];

const drawn = (node: Node): string =>
  node.map(([tag, attributes]) => `<${tag} ${Object.entries(attributes).map(([name, value]) => `${name}="${value}"`).join(" ")}/>`).join("");

export const icons: Plugin = {
  name: "icons",
  apply: "build",
  enforce: "pre",
  load: {
    filter: { id: /@lucide\/svelte\/dist\/icons\/[a-z0-9-]+\.js$/ },
    async handler(id) {
      const { readFile } = await import("node:fs/promises");
      // Some names are another's alias.
      const target = /from "\.\/([a-z0-9-]+\.svelte)"/.exec(await readFile(id, "utf8"))?.[1] ?? "";
      const source = await readFile(id.replace(/[^/]+$/, target), "utf8");
      const data = /const iconData = (\{.*\});/.exec(source)?.[1];
      if (data === undefined) this.error(`${id} isn't written as icons were: see ui/build/icons.ts`);
      const { node } = JSON.parse(data) as { node: Node };
      return `import { icon } from "$lib/components/shared/icon.ts";\nexport default /* @__PURE__ */ icon(${JSON.stringify(drawn(node))});`;
    },
  },
};
