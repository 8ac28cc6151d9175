import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** From the call of `processEnd`, which is when the process is told to end. */
  readonly elapsedMs: number;
}

/** K9: how a process ended, and after how long. */
export async function processEnd(child: ChildProcess, tell: () => void): Promise<ProcessEnd> {
  const startedAt = performance.now();
  const exited = child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
  tell();
  await exited;
  return { code: child.exitCode, signal: child.signalCode, elapsedMs: performance.now() - startedAt };
}

/** What is wrong with the end. */
export function endProblems(
  end: ProcessEnd,
  expected: { readonly code: number | null; readonly signal?: NodeJS.Signals; readonly withinMs: number },
): readonly string[] {
  const { code, signal, elapsedMs } = end;
  return [
    ...(code === expected.code ? [] : [`it ended with ${code} instead of ${expected.code}`]),
    ...(signal === (expected.signal ?? null) ? [] : [`it ended by ${signal} instead of ${expected.signal}`]),
    ...(elapsedMs <= expected.withinMs ? [] : [`it took ${elapsedMs} ms, over ${expected.withinMs}`]),
  ];
}
