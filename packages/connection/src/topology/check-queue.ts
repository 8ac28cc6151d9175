import { anObject } from "@warren/message/authoring";
import type { QueueDefinition, QueueType, RetryDefinition } from "./definition.ts";
import { exchangeProblem, nameProblem } from "./names.ts";
import type { Problems } from "./problems.ts";
import { optionOf } from "./queue-arguments.ts";
import { deadLetterRules, queueOptionRules, retryRules } from "./queue-option-rules.ts";
import { accepts, queueOptionTypes, type QueueOption } from "./queue-option-types.ts";

/** Names, values and combinations of one queue's options. Its bindings and the names it generates come elsewhere. */
export function checkQueue(
  name: string,
  queue: QueueDefinition,
  exchanges: readonly string[],
  problems: Problems,
): void {
  const path = `queues.${name}`;
  const wrongName = nameProblem(name);
  if (wrongName !== undefined) problems.add(path, wrongName);
  problems.check(path, queue, queueOptionRules);
  checkDeadLetter(path, name, queue.deadLetter, exchanges, problems);
  checkRetry(`${path}.retry`, queue.retry, problems);
  checkArguments(`${path}.arguments`, queue.arguments, problems);
  const type = queue.type ?? "quorum";
  // What fits a type can be told only of one that there is.
  if (queueOptionRules.type(type) !== undefined) return;
  checkType(path, queue, type, problems);
  checkLifetime(path, queue, type, problems);
  checkOverflow(path, queue, type, problems);
}

function checkRetry(path: string, retry: QueueDefinition["retry"], problems: Problems): void {
  if (anObject(retry) !== undefined) return;
  const ladder = retry as RetryDefinition;
  problems.check(path, ladder, retryRules);
  if (ladder.delaysMs === undefined) problems.add(path, "needs delaysMs, for example [1_000, 10_000]");
}

function checkArguments(path: string, given: QueueDefinition["arguments"], problems: Problems): void {
  if (anObject(given) !== undefined) return;
  for (const argument of Object.keys(given!)) {
    const option = optionOf.get(argument);
    if (option !== undefined) problems.add(path, `"${argument}" has an option of its own: say ${option}`);
  }
}

function checkType(path: string, queue: QueueDefinition, type: QueueType, problems: Problems): void {
  for (const [option, value] of Object.entries(queue)) {
    if (
      value === undefined ||
      !Object.hasOwn(queueOptionTypes, option) ||
      accepts(type, option as QueueOption)
    )
      continue;
    const types: readonly QueueType[] = queueOptionTypes[option as QueueOption];
    problems.add(
      `${path}.${option}`,
      `is for ${types.join(" and ")} queues, and this is a ${type} queue; leave it out or say type: ${types.map((each) => `"${each}"`).join(" or ")}`,
    );
  }
}

function checkLifetime(path: string, queue: QueueDefinition, type: QueueType, problems: Problems): void {
  if (queue.durable === false && type !== "classic") {
    problems.add(
      `${path}.durable`,
      `a ${type} queue is always durable; leave it out or say type: "classic" and exclusive: true`,
    );
  } else if (queue.durable === false && queue.exclusive !== true) {
    problems.add(
      `${path}.durable`,
      "RabbitMQ 4.3 refuses transient queues that are not exclusive; leave it out or say exclusive: true",
    );
  }
  if (queue.retry === undefined || queue.retry === false) return;
  const why =
    type === "stream"
      ? "a retried message would be appended to the stream once more, for every reader"
      : queue.exclusive === true || queue.autoDelete === true
        ? "the queue may be gone when a message comes back from its wait"
        : undefined;
  if (why !== undefined) problems.add(`${path}.retry`, `cannot be: ${why}; leave it out`);
}

function checkDeadLetter(
  path: string,
  name: string,
  wanted: unknown,
  exchanges: readonly string[],
  problems: Problems,
): void {
  if (anObject(wanted) !== undefined) return;
  const at = `${path}.deadLetter`;
  problems.check(at, wanted as object, deadLetterRules);
  const { queue, exchange, routingKey } = wanted as Readonly<Record<string, unknown>>;
  if ((queue === undefined) === (exchange === undefined))
    return problems.add(at, "needs either a queue or an exchange");
  if (typeof queue === "string") {
    const wrong = queue === name ? "a queue cannot be its own dead-letter queue" : nameProblem(queue);
    if (wrong !== undefined) problems.add(`${at}.queue`, wrong);
    if (routingKey !== undefined) problems.add(`${at}.routingKey`, "goes with an exchange, not with a queue");
  } else if (typeof exchange === "string") {
    const wrong = exchangeProblem(exchange, exchanges);
    if (wrong !== undefined) problems.add(`${at}.exchange`, wrong);
  }
}

function checkOverflow(path: string, queue: QueueDefinition, type: QueueType, problems: Problems): void {
  const { overflow } = queue;
  const at = `${path}.overflow`;
  if (overflow === "reject-publish-dlx" && type === "quorum") {
    problems.add(
      at,
      `"reject-publish-dlx" is for classic queues; a quorum queue takes it and ignores it. Say "reject-publish"`,
    );
  } else if (overflow === "drop-head" && type === "quorum" && queue.deadLetter !== false) {
    problems.add(
      at,
      `"drop-head" silently turns at-least-once dead-lettering off; leave it out, or say deadLetter: false if dropping is meant`,
    );
  } else if (overflow === "reject-publish-dlx" && queue.deadLetter === false) {
    problems.add(at, `"reject-publish-dlx" needs dead letters; say "reject-publish" or leave deadLetter on`);
  }
}
