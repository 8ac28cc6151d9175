import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { endProblems, processEnd } from "./process-end.ts";

test("K9 tells how a process ended, and finds nothing when it was as expected", async () => {
  const child = spawn(process.execPath, ["-e", "process.stdin.on('end', () => process.exit(3)).resume()"]);
  const end = await processEnd(child, () => child.stdin.end());
  expect(end).toMatchObject({ code: 3, signal: null });
  expect(endProblems(end, { code: 3, withinMs: 60_000 })).toEqual([]);
});

test("K9 finds the wrong exit code, the wrong signal and an end that took too long", async () => {
  const child = spawn(process.execPath, ["-e", "process.stdin.resume()"]);
  await once(child, "spawn");
  const end = await processEnd(child, () => child.kill("SIGKILL"));
  expect(endProblems({ ...end, elapsedMs: 11 }, { code: 0, withinMs: 10 })).toEqual([
    "it ended with null instead of 0",
    "it ended by SIGKILL instead of undefined",
    "it took 11 ms, over 10",
  ]);
});
