import type { Queues } from "./expand.ts";
import { nameProblem } from "./names.ts";
import type { Problems } from "./problems.ts";
import type { ResolvedQueue } from "./resolve-queue.ts";

/** Names that Warren makes up must fit into AMQP and must not be somebody else's. */
export function checkGenerated(queues: Queues, resolved: readonly ResolvedQueue[], problems: Problems): void {
  const retryQueues = new Set(resolved.flatMap((queue) => queue.retrySteps.map((step) => step.queue)));
  for (const { name, retrySteps, deadLetter } of resolved) {
    const path = `queues.${name}`;
    for (const queue of new Set(retrySteps.map((step) => step.queue))) {
      fits(path, queue, problems);
      if (Object.hasOwn(queues, queue))
        problems.add(
          path,
          `its retry queue "${queue}" is also defined under "queues"; rename one of the two`,
        );
    }
    const dead = deadLetter?.queue;
    if (dead === undefined) continue;
    if (retryQueues.has(dead))
      problems.add(`${path}.deadLetter`, `"${dead}" is the name of a retry queue; choose another`);
    if (typeof queues[name]?.deadLetter === "object") continue;
    fits(path, dead, problems);
    if (Object.hasOwn(queues, dead))
      problems.add(
        path,
        `its dead-letter queue "${dead}" is also defined under "queues"; rename that one, or say deadLetter: { queue: "${dead}" } to use it`,
      );
  }
}

function fits(path: string, queue: string, problems: Problems): void {
  const problem = nameProblem(queue);
  if (problem !== undefined)
    problems.add(path, `it needs a queue "${queue.slice(0, 40)}…", and ${problem}; shorten the name`);
}
