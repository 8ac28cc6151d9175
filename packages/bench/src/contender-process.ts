import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Measurement, Task } from "./tasks/measurement.ts";

/** Built by `pnpm bench`: under tsx every function and class would pay for keeping its name. */
const childPath = fileURLToPath(new URL("../dist/child.mjs", import.meta.url));

/** Performs one task in a process of its own, which gets none of this one's loaders, conditions or CA files. */
export async function performInChild(task: Task): Promise<Measurement> {
  const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...env } = process.env;
  const child = fork(childPath, [], { execArgv: [], env, stdio: ["ignore", "inherit", "inherit", "ipc"] });
  return new Promise<Measurement>((resolve, reject) => {
    let answer: Measurement | undefined;
    child.once("message", (message) => {
      answer = message as Measurement;
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      if (answer !== undefined && code === 0) resolve(answer);
      else reject(new Error(`${task.contender} failed at ${task.scenario.name} (exit ${code ?? signal})`));
    });
    child.send(task);
  });
}
