import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { svelte } from "@sveltejs/vite-plugin-svelte";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The system's Chromium where there is one; elsewhere Playwright looks for its own. */
const chromium = [process.env.CHROMIUM, "/usr/bin/chromium"].find((path) => path && existsSync(path));

export default defineConfig({
  root: here("."),
  plugins: [svelte()],
  resolve: {
    alias: { $lib: here("src/lib"), $messages: here("../messages") },
    ...(process.env.VITEST ? { conditions: ["browser"] } : {}),
  },
  // The texts and the icon live beside ui/, shared with the engine.
  server: { fs: { allow: [here("..")] }, port: 1420, strictPort: true },
  build: {
    outDir: here("dist"),
    emptyOutDir: true,
    // WebKitGTK 2.50, WebView2 and macOS 13's Safari.
    target: ["safari16.4", "chrome111"],
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  test: {
    include: ["tests/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: {
          ...(chromium ? { executablePath: chromium } : {}),
          args: ["--no-first-run", "--disable-background-networking", "--disable-gpu"],
        },
      }),
      instances: [{ browser: "chromium", viewport: { width: 1180, height: 760 } }],
    },
  },
});
