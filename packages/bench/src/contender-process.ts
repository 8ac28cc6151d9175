import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Measurement, OverloadMeasurement, OverloadTask, RaceTask, Task } from "./tasks/measurement.ts";

/** Built by `pnpm bench`: under tsx every function and class would pay for keeping its name. */
const childPath = fileURLToPath(new URL("../dist/child.mjs", import.meta.url));

const timeoutMs = 300_000;

/** Performs one task in a process of its own, which gets none of this one's loaders, conditions or CA files. */
export function performInChild(task: RaceTask): Promise<Measurement>;
export function performInChild(task: OverloadTask): Promise<OverloadMeasurement>;
export async function performInChild(task: Task): Promise<unknown> {
  const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...env } = process.env;
  const child = fork(childPath, [], {
    execArgv: [],
    env,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    timeout: timeoutMs,
  });
  return new Promise<unknown>((resolve, reject) => {
    let answer: unknown;
    child.once("message", (message) => {
      answer = message;
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      if (answer !== undefined && code === 0) resolve(answer);
      else reject(new Error(`${task.contender} failed at ${task.scenario.name} (exit ${code ?? signal})`));
    });
    child.send(task);
  });
}
