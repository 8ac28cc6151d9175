import type { Connection } from "@warren/connection";
import { shownValue } from "@warren/message/authoring";
import { Consumer } from "./consumer.ts";
import { type ConsumerOptions, resolveConsumerOptions } from "./consumer-options.ts";

/**
 * Makes a consumer of one queue; nothing is sent before `start()`. Handlers whose messages cannot get into the queue
 * are compile errors where types can say it.
 *
 * @throws ConfigError INVALID_OPTION, listing every option that is wrong and every handler that can never be called.
 */
export function createConsumer<Source extends string>(
  connection: Connection,
  options: ConsumerOptions<Source>,
): Consumer {
  return new Consumer(connection, resolveConsumerOptions(options, connectionProblems(connection)));
}

function connectionProblems(connection: unknown): readonly string[] {
  return typeof connection === "object" && connection !== null && "channels" in connection
    ? []
    : [`createConsumer takes a connection, await connect(…), not ${shownValue(connection)}`];
}
