/** axe-core over every view and dialog, in both themes, at three widths: no finding, and nothing wider than the window. */

import axe from "axe-core";
import { afterEach, expect, test } from "vitest";
import { page } from "vitest/browser";

import { SCENES, settled } from "./scenes.ts";
import { openWindow } from "./window.ts";

const WIDTHS = [360, 900, 1280];
const THEMES = ["light", "dark"];

afterEach(async () => {
  localStorage.clear();
  delete document.documentElement.dataset.theme;
  await page.viewport(1180, 760);
});

test.each(SCENES)("$name can be used by everyone, in both themes, at every width", async ({ scenario, before, go }) => {
  const fake = await openWindow(scenario, {}, before);
  await go?.(fake);
  for (const theme of THEMES) {
    document.documentElement.dataset.theme = theme;
    for (const width of WIDTHS) {
      await page.viewport(width, 760);
      await settled();
      const { violations } = await axe.run(document, { resultTypes: ["violations"] });
      const findings = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${theme} ${width}: ${id}: ${html}`));
      expect(findings).toEqual([]);
      expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(width);
    }
  }
});
