import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { svelte } from "@sveltejs/vite-plugin-svelte";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";

import { icons } from "./build/icons.ts";
import { gathered, lean, marks, spare } from "./build/lean.ts";
import { terse } from "./build/terse.ts";
import { doctorWords, words } from "./build/words.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The system's Chromium where there is one; elsewhere Playwright looks for its own. */
const chromium = [process.env.CHROMIUM, "/usr/bin/chromium"].find((path) => path && existsSync(path));

export default defineConfig({
  root: here("."),
  plugins: [words(), doctorWords, icons, lean, svelte({ compilerOptions: { runes: true, discloseVersion: false, cssHash: marks() } }), spare, terse, gathered],
  resolve: {
    alias: { $lib: here("src/lib"), $messages: here("../messages") },
    ...(process.env.VITEST ? { conditions: ["browser"] } : {}),
  },
  // A message is looked up by its key; an export for each would double the file.
  json: { stringify: true, namedExports: false },
  // Found by the tests only once they run; the page would be loaded anew in the middle of one.
  ...(process.env.VITEST
    ? { optimizeDeps: { entries: ["src/**/*.{svelte,ts}"], include: ["axe-core", "svelte/compiler", "uplot"] } }
    : {}),
  // The texts and the icon live beside ui/, shared with the engine.
  server: { fs: { allow: [here("..")] }, port: 1420, strictPort: !process.env.VITEST },
  build: {
    outDir: here("dist"),
    emptyOutDir: true,
    // WebKitGTK 2.50, WebView2 and macOS 13's Safari.
    target: ["safari16.4", "chrome111"],
    // Few pieces, fetched from this machine: lists of what to fetch ahead would be longer than they save.
    modulePreload: false,
    cssCodeSplit: false,
    reportCompressedSize: false,
    rolldownOptions: {
      // What the first picture needs is one piece: App with all it is made of.
      output: { codeSplitting: { groups: [{ name: "app", test: /\/src\/App\.svelte$/ }] } },
    },
  },
  test: {
    include: ["tests/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // Every test draws a window of its own; the modules behind it are loaded once.
    isolate: false,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        contextOptions: { locale: "en-GB" },
        launchOptions: {
          ...(chromium ? { executablePath: chromium } : {}),
          args: ["--no-first-run", "--disable-background-networking", "--disable-gpu"],
        },
      }),
      instances: [{ browser: "chromium", viewport: { width: 1180, height: 760 } }],
    },
  },
});
