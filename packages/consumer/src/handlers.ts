import { canReach, type QueueRef } from "@warren/connection";
import { ConfigError } from "@warren/message";
import type { Handler } from "./handler.ts";

/** The handlers of a consumer, by the type on the wire. */
export class Handlers {
  readonly #byType = new Map<string, Handler>();
  readonly #any: Handler | undefined;

  /** @throws ConfigError INVALID_OPTION, listing every handler that can never be called. */
  constructor(handlers: readonly Handler[], queue: QueueRef | undefined) {
    const problems: string[] = [];
    if (handlers.length === 0)
      problems.push("createConsumer: handlers is empty, so every message would fail");
    let any: Handler | undefined;
    for (const handler of handlers) {
      const { message } = handler;
      if (message === undefined) {
        if (any !== undefined) problems.push("createConsumer: handlers has onAny twice");
        any = handler;
        continue;
      }
      if (this.#byType.has(message.type)) {
        problems.push(`createConsumer: two handlers for the type "${message.type}"`);
      } else if (queue !== undefined && !canReach(queue, message.exchange, message.routingKeyPattern)) {
        problems.push(
          `createConsumer: "${message.type}" cannot reach the queue "${queue.name}": nothing binds it to the exchange "${message.exchange}" with a key like "${message.routingKeyPattern}"`,
        );
      }
      this.#byType.set(message.type, handler);
    }
    if (problems.length > 0) throw new ConfigError("INVALID_OPTION", problems);
    this.#any = any;
  }

  for(type: string | undefined): Handler | undefined {
    return (type === undefined ? undefined : this.#byType.get(type)) ?? this.#any;
  }
}
