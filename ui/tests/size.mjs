/**
 * `npm run size`: what the shipped window weighs, gzipped as a browser would fetch it. Everything counts but the charts
 * and the languages beside English. Fails when that is heavier than it has been, or the first picture heavier than its law:
 * what comes after it is fetched when the window already stands.
 */

import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "vite";

/** What the first picture may need. */
const FIRST = 78_000;
/** All of it. The aim is AIM; this only ever goes down. */
const ALL = 146_000;
const AIM = 120_000;

const ui = fileURLToPath(new URL("..", import.meta.url));
const outDir = `${ui}/../target/ui-size`;
await build({ root: ui, configFile: `${ui}/vite.config.ts`, logLevel: "error", build: { outDir, emptyOutDir: true } });

const names = readdirSync(`${outDir}/assets`);
const read = (name) => readFileSync(`${outDir}/assets/${name}`);
const bytes = (name) => gzipSync(read(name), { level: 9 }).length;
const sum = (which) => which.reduce((all, name) => all + bytes(name), 0);
const namedIn = (text) => names.filter((name) => text.includes(name));

/** What the page names, and what that in turn can't begin without. */
const first = new Set(namedIn(readFileSync(`${outDir}/index.html`, "utf8")));
for (const name of first) {
  if (!name.endsWith(".js")) continue;
  const needed = [...read(name).toString().matchAll(/(?:from|import) ?["'`]\.\/([^"'`]+)["'`]/g)].map(([, needed]) => needed);
  for (const one of needed) first.add(one);
}
const languages = readdirSync(`${ui}/../messages`).map((name) => name.replace(".json", ""));
const isChart = (name) => name.startsWith("UsageChart");
const others = names.filter((name) => languages.some((language) => language !== "en" && name.startsWith(`${language}-`)));
const counted = names.filter((name) => !isChart(name) && !others.includes(name));

const tell = (what, size) => process.stdout.write(`${what.padEnd(34)} ${(size / 1000).toFixed(1).padStart(6)} kB\n`);
tell("first picture", sum([...first]));
tell("right after it, or on demand", sum(counted.filter((name) => !first.has(name))));
tell("all of it, charts left out", sum(counted));
tell("charts", sum(names.filter(isChart)));
for (const name of others) tell(`language ${name.slice(0, 2)}`, bytes(name));

const over = (what, size, law) => {
  if (size <= law) return;
  process.stderr.write(`${what}: ${size} bytes; ${law} are allowed.\n`);
  process.exitCode = 1;
};
over("the first picture", sum([...first]), FIRST);
over(`all of it (the aim is ${AIM})`, sum(counted), ALL);
