import { deadLetterCircles } from "./dead-letter-circles.ts";
import type { BindingDefinition } from "./definition.ts";
import type { Declarations } from "./declarations.ts";
import type { Exchanges, Queues } from "./expand.ts";
import { exchangeTypeOf } from "./names.ts";
import type { ResolvedQueue } from "./resolve-queue.ts";
import type { TopologyWarning } from "./topology.ts";

/** Broker memory of an idle quorum queue, as measured on 3.10 and 4.0. */
export const quorumQueueKiB = 100;

/** What is legal and will surprise somebody. */
export function topologyWarnings(
  exchanges: Exchanges,
  queues: Queues,
  resolved: readonly ResolvedQueue[],
  declarations: Declarations,
  policies: readonly string[],
): TopologyWarning[] {
  return [
    ...resolved.flatMap((queue) =>
      queueWarnings(queue).map((text) => ({ path: `queues.${queue.name}`, text })),
    ),
    ...deadLetterCircles(resolved, exchanges, queues).map((circle) => ({
      path: `queues.${circle[0]}`,
      text: `its dead letters come back to it, ${circle.join(" → ")}: one that is rejected each time goes round for ever, one that only expires is dropped when it comes back`,
    })),
    ...Object.entries(exchanges).flatMap(([name, { bindings }]) =>
      keyWarnings(`exchanges.${name}`, bindings, exchanges),
    ),
    ...Object.entries(queues).flatMap(([name, { bindings }]) =>
      keyWarnings(`queues.${name}`, bindings, exchanges),
    ),
    ...brokerWarnings(declarations, policies),
  ];
}

function queueWarnings(queue: ResolvedQueue): string[] {
  const texts: string[] = [];
  const { arguments: args, deadLetter } = queue;
  const retries = queue.retrySteps.length > 0;
  if (retries && (args["x-max-length"] !== undefined || args["x-max-length-bytes"] !== undefined))
    texts.push(
      "with a length limit a full queue holds a retry back for about three minutes, and stalls those behind it",
    );
  if (retries && args["x-expires"] !== undefined)
    texts.push(
      "expiresMs can delete the queue while messages wait for a retry; they then wait until it is declared again",
    );
  if (deadLetter === undefined && queue.type !== "stream" && !queue.exclusive && !queue.autoDelete)
    texts.push(
      "without deadLetter a message is dropped after its last attempt, and when it expires or is rejected",
    );
  if (queue.type === "classic" && deadLetter !== undefined)
    texts.push(
      "the broker dead-letters from a classic queue at most once: it can lose a message if it stops meanwhile",
    );
  if (args["x-queue-mode"] === "lazy")
    texts.push("lazy works on RabbitMQ 3.10 and 3.11, is ignored by 3.12 to 4.2 and refused by 4.3");
  if (args["x-stream-filter-size-bytes"] !== undefined)
    texts.push("filterSizeBytes is ignored before RabbitMQ 3.13");
  return texts;
}

/** `*` and `#` stand for whole words of a topic pattern and for themselves everywhere else. */
function keyWarnings(
  path: string,
  bindings: readonly BindingDefinition[] | undefined,
  exchanges: Exchanges,
): TopologyWarning[] {
  return (bindings ?? []).flatMap(({ exchange, routingKey = "" }, index) => {
    const type = exchangeTypeOf(exchange, exchanges);
    const odd =
      type === "direct"
        ? /[*#]/.test(routingKey)
        : type === "topic" && routingKey.split(".").some((word) => word.length > 1 && /[*#]/.test(word));
    if (!odd) return [];
    const text =
      type === "direct"
        ? `a direct exchange takes * and # in "${routingKey}" literally`
        : `* and # in "${routingKey}" stand for whole words only; beside other characters they are taken literally`;
    return [{ path: `${path}.bindings[${index}]`, text }];
  });
}

function brokerWarnings(declarations: Declarations, policies: readonly string[]): TopologyWarning[] {
  const warnings: TopologyWarning[] = [];
  if (declarations.queues.some((queue) => queue.arguments["x-dead-letter-exchange"] === ""))
    warnings.push({ path: "queues", text: "dead letters and retries need write permission on amq.default" });
  if (declarations.queues.some((queue) => queue.arguments["x-dead-letter-strategy"] === "at-least-once"))
    warnings.push({
      path: "queues",
      text: "RabbitMQ 3.10 and 3.11 dead-letter at least once only with the feature flag stream_queue on; without it they do it at most once and tell nobody",
    });
  if (policies.length > 0)
    warnings.push({
      path: "policies",
      text: "AMQP cannot set policies: they are carried as data and not applied",
    });
  return warnings;
}
