/** The check-up: what is wrong is said with what to do, buttons do what they say, and the report can be handed on. */

import { expect, test } from "vitest";
import { page } from "vitest/browser";

import { DoctorWords } from "$lib/doctor_words.ts";
import { HEALTHY, TROUBLED } from "$lib/api/fake_doctor.ts";
import type { DoctorCause } from "$lib/api/bindings.ts";
import { language } from "$lib/state/language.svelte.ts";
import { LANGUAGES } from "$lib/languages.ts";

import bindings from "$lib/api/bindings.ts?raw";

import { settled } from "./scenes.ts";
import { button, choose, dialog, element, noDialog, openWindow, PATIENCE, seen } from "./window.ts";

const row = (check: string) => element(`[data-check="${check}"]`);
const trouble = (check: string) => page.elementLocator(element(`[data-trouble="${check}"]`));

async function open(before?: Parameters<typeof openWindow>[2]) {
  const fake = await openWindow("connected", {}, before);
  await seen("All 3 accounts are connected.");
  await choose("Settings", "Check-up");
  return fake;
}

test("everything is looked at, and a healthy computer is told so without a word of advice", async () => {
  await open();
  await seen("Everything is in order.");
  expect([...document.querySelectorAll("[data-check]")].map((one) => one.getAttribute("data-check"))).toEqual(HEALTHY.map(({ check }) => check));
  expect(document.querySelector("[data-trouble]")).toBeNull();
});

test("each check fills its own place while the others are under way", async () => {
  // Nothing to scroll, so that only what moves by itself moves.
  await page.viewport(1180, 1000);
  let go = () => undefined as void;
  await open((fake) => void (fake.doctor.held = new Promise<void>((done) => (go = done))));
  await seen("13 of 14 done");
  expect(row("vault").getAttribute("data-verdict")).toBe("good");
  const last = row("client_google");
  expect(last.getAttribute("data-verdict")).toBeNull();
  await settled();
  const { top } = last.getBoundingClientRect();
  go();
  await seen("Everything is in order.");
  expect(row("client_google").getBoundingClientRect().top).toBe(top);
});

test("what is wrong comes with what to do, and with a button where the window can do it", async () => {
  const fake = await open((one) => one.doctor.ail());
  await seen("Found: 6 wrong, 1 that could be better, 1 that couldn't be checked.");
  await expect.element(trouble("clock")).toHaveTextContent("The clock is 24 hours behind.");
  expect(trouble("clock").getByRole("button").query()).toBeNull();
  await expect.element(trouble("links")).toHaveTextContent("Mail Thief");
  await trouble("links").getByRole("button", { name: "Register links" }).click();
  await seen("Found: 5 wrong");
  expect(fake.asked.filter(({ request }) => request === "doctor")).toHaveLength(2);
  await trouble("client_google").getByRole("button", { name: "Add registration" }).click();
  await expect.element(dialog().getByRole("heading", { name: "Register with Google" }), PATIENCE).toBeInTheDocument();
});

test("a registration the system refuses is said", async () => {
  await open((one) => {
    one.doctor.ail();
    one.doctor.takesLinks = false;
  });
  await seen("Found: 6 wrong");
  await trouble("links").getByRole("button").click();
  await seen("The system didn't take it.");
});

test("a locked keychain leads to the keychain", async () => {
  await open((one) => one.doctor.ail());
  await seen("Found: 6 wrong");
  await trouble("vault").getByRole("button", { name: "Show options" }).click();
  await expect.element(dialog().getByRole("heading", { name: "Where sign-ins are kept" }), PATIENCE).toBeInTheDocument();
});

test.each(["proxy_refuses", "proxy_silent", "proxy_not_found", "proxy_wants_sign_in"] as const)("a proxy that is in the way (%s) leads to where the proxy is chosen", async (kind) => {
  await open((one) => one.doctor.ail([{ check: "proxy", verdict: "bad", cause: { kind, proxy: "http://proxy.example.org:3128" }, action: null }]));
  await seen("Found: 1 wrong");
  await trouble("proxy").getByRole("button", { name: "Network settings" }).click();
  await noDialog();
  await expect.element(page.getByRole("heading", { name: "Network" }), PATIENCE).toBeInTheDocument();
  await expect.element(page.getByRole("combobox", { name: "Reach services through" }), PATIENCE).toBeVisible();
});

test("the report is saved as the hub wrote it, and not before it is whole", async () => {
  let go = () => undefined as void;
  const fake = await open((one) => void (one.doctor.held = new Promise<void>((done) => (go = done))));
  await expect.element(button("Copy report"), PATIENCE).toBeDisabled();
  go();
  await expect.element(button("Copy report"), PATIENCE).toBeEnabled();
  await button("Save report…").click();
  await seen("Saved as /home/anna/Downloads/autopilot-report.txt.");
  expect(fake.saved[0]!.contents).toMatch(/^Autopilot .*\n\nChecks\n/);
});

test("a failed test of a connection leads here", async () => {
  await openWindow("mixed");
  await button("Try now").click();
  await button("Find out why").click();
  await seen("Everything is in order.");
});

test.each(LANGUAGES)("every cause is told in %s, and every trouble with what to do", async (tongue) => {
  await language.choose(tongue);
  const words = await DoctorWords.load();
  const kinds = [...(/export type DoctorCause = (.*);/.exec(bindings)?.[1] ?? "").matchAll(/"kind": "(\w+)"/g)].map(([, kind]) => kind!);
  expect(kinds.length).toBeGreaterThan(40);
  for (const kind of kinds) {
    const cause = { kind } as DoctorCause;
    expect(words.sentence({ check: "x", verdict: "bad", cause, action: null })).not.toMatch(/^doctor_/);
  }
  for (const finding of TROUBLED) {
    expect(words.sentence(finding)).not.toMatch(/[{}]/);
    expect(words.remedy(finding)).toMatch(/\.$/);
  }
  await language.choose("system");
});
