import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { useColour } from "./colour.ts";

const terminal = Object.assign(new PassThrough(), { isTTY: true });
const pipe = new PassThrough();

test("colour is for terminals, unless it is asked for or forbidden", () => {
  expect(useColour("auto", { stdout: terminal, env: {} })).toBe(true);
  expect(useColour("auto", { stdout: pipe, env: {} })).toBe(false);
  expect(useColour("auto", { stdout: terminal, env: { NO_COLOR: "1" } })).toBe(false);
  expect(useColour("auto", { stdout: terminal, env: { TERM: "dumb" } })).toBe(false);
  expect(useColour("auto", { stdout: pipe, env: { FORCE_COLOR: "1", NO_COLOR: "1" } })).toBe(true);
  expect(useColour("always", { stdout: pipe, env: { NO_COLOR: "1" } })).toBe(true);
  expect(useColour("never", { stdout: terminal, env: { FORCE_COLOR: "1" } })).toBe(false);
});
