import { canReach, type QueueRef } from "@warren/connection";
import { DeliveryError } from "@warren/message";
import type { Handler } from "./handler.ts";

/** The handlers of a consumer, by the type on the wire. */
export class HandlerTable {
  readonly #byType: ReadonlyMap<string, Handler>;
  readonly #any: Handler | undefined;

  constructor(handlers: readonly Handler[]) {
    this.#byType = new Map(
      handlers.flatMap((handler) => (handler.message ? [[handler.message.type, handler]] : [])),
    );
    this.#any = handlers.find((handler) => handler.message === undefined);
  }

  /** @throws DeliveryError UNKNOWN_TYPE */
  for(type: string | undefined): Handler {
    const handler = (type === undefined ? undefined : this.#byType.get(type)) ?? this.#any;
    if (handler !== undefined) return handler;
    throw new DeliveryError(
      "UNKNOWN_TYPE",
      type === undefined ? "the message has no type" : `no handler for the type ${JSON.stringify(type)}`,
      { context: { type } },
    );
  }
}

/** Which of a list are no handlers, when it was written without the compiler. */
export function noHandlers(handlers: readonly unknown[]): string[] {
  return (handlers as readonly (Partial<Handler> | null | undefined)[]).flatMap((handler, index) =>
    typeof handler?.work?.handle === "function"
      ? []
      : [`handlers[${index}] must be made with on, onBatch, reply or onAny`],
  );
}

/** What is wrong with a list of handlers: two for one type, none at all, one whose message cannot reach the queue. */
export function handlerProblems(handlers: readonly Handler[], queue: QueueRef | undefined): string[] {
  if (handlers.length === 0) return ["handlers is empty, so every message would be dead-lettered"];
  const types = handlers.map(({ message }) => message?.type);
  const twice = new Set(types.filter((type, index) => types.indexOf(type) !== index));
  const doubles = [...twice].map((type) =>
    type === undefined ? "handlers has onAny twice" : `handlers has two for the type "${type}"`,
  );
  if (queue === undefined) return doubles;
  const strays = handlers.flatMap(({ message }) =>
    message === undefined || canReach(queue, message.exchange, message.routingKeyPattern)
      ? []
      : [
          `"${message.type}" cannot reach the queue "${queue.name}": nothing binds it to the exchange "${message.exchange}" with a key like "${message.routingKeyPattern}"`,
        ],
  );
  return [...doubles, ...strays];
}
