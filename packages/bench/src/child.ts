import { contenders } from "./contenders/registry.ts";
import { consumeTask } from "./tasks/consume-task.ts";
import { latencyTask } from "./tasks/latency-task.ts";
import type { Measurement, OverloadMeasurement, OverloadTask, Task } from "./tasks/measurement.ts";
import { overloadTask } from "./tasks/overload-task.ts";
import { publishTask } from "./tasks/publish-task.ts";

/** A measured process: gets one task from its parent, answers with one measurement, and ends. */
process.once("message", (task: Task) => void answer(task));

async function answer(task: Task): Promise<void> {
  const measurement = await perform(task);
  process.send?.(measurement, () => process.disconnect());
}

async function perform(task: Task): Promise<Measurement | OverloadMeasurement> {
  const load = contenders[task.contender];
  if (load === undefined) throw new Error(`there is no contender "${task.contender}"`);
  const contender = await load();
  if (isOverload(task)) return overloadTask(task, contender);
  const { scenario } = task;
  switch (scenario.kind) {
    case "publish":
      return publishTask(task, scenario, contender);
    case "consume":
      return consumeTask(task, scenario, contender);
    case "latency":
      return latencyTask(task, scenario, contender);
  }
}

function isOverload(task: Task): task is OverloadTask {
  return task.scenario.name === "overload";
}
