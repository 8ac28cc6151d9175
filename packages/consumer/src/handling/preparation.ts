import type { ResolvedConsumerOptions } from "../consumer-options.ts";
import { checkLimits, decodePayload, decodeUnchecked } from "./decode-payload.ts";
import { HandlerTable } from "./handler-table.ts";
import type { IncomingDelivery } from "../settling/incoming-delivery.ts";

/** Finds what a delivery needs before it can be handled: its handler and its payload. */
export class Preparation {
  readonly #options: ResolvedConsumerOptions;
  readonly #handlers: HandlerTable;

  constructor(options: ResolvedConsumerOptions) {
    this.#options = options;
    this.#handlers = new HandlerTable(options.handlers);
  }

  /**
   * The payload, or a promise of it; the delivery has its handler then.
   *
   * @throws what says that it cannot be handled.
   */
  payloadOf(delivery: IncomingDelivery): unknown {
    const { codecs, maxBodyBytes } = this.#options;
    checkLimits(delivery, maxBodyBytes);
    const handler = this.#handlers.for(delivery.wire.properties.type);
    delivery.handler = handler;
    if (handler.message !== undefined) return decodePayload(delivery, handler.message, codecs, maxBodyBytes);
    delivery.decodeWhenRead(() => decodeUnchecked(delivery, codecs));
    return undefined;
  }
}
