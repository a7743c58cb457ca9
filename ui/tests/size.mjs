/**
 * `npm run size`: what the shipped window weighs, gzipped as a browser would fetch it. Fails when what the first picture
 * needs is over the law of 120 kB; the rest follows after it, charts and other languages when they are asked for.
 */

import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "vite";

const LAW = 120_000;

const ui = fileURLToPath(new URL("..", import.meta.url));
const outDir = `${ui}/../target/ui-size`;
await build({ root: ui, configFile: `${ui}/vite.config.ts`, logLevel: "error", build: { outDir, emptyOutDir: true } });

const page = readFileSync(`${outDir}/index.html`, "utf8");
const sizes = readdirSync(`${outDir}/assets`).map((name) => ({
  name,
  bytes: gzipSync(readFileSync(`${outDir}/assets/${name}`), { level: 9 }).length,
}));
const sum = (which) => sizes.filter(({ name }) => which(name)).reduce((all, { bytes }) => all + bytes, 0);
const languages = readdirSync(`${ui}/../messages`).map((name) => name.replace(".json", "-"));
const isChart = (name) => name.startsWith("UsageChart");
const isLanguage = (name) => languages.some((language) => name.startsWith(language));
const isFirst = (name) => page.includes(name);

const first = sum(isFirst);
const tell = (what, bytes) => process.stdout.write(`${what.padEnd(30)} ${(bytes / 1000).toFixed(1).padStart(6)} kB\n`);
tell("first picture", first);
tell("right after it, or on demand", sum((name) => !isFirst(name) && !isChart(name) && !isLanguage(name)));
tell("charts", sum(isChart));
for (const { name, bytes } of sizes.filter(({ name }) => isLanguage(name))) tell(`language ${name.slice(0, 2)}`, bytes);
if (first > LAW) {
  process.stderr.write(`The first picture needs ${first} bytes; ${LAW} are allowed.\n`);
  process.exit(1);
}
