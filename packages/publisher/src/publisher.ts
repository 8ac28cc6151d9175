import type { ConfirmChannel, Connection, PublishControl } from "@warren/connection";
import {
  type AnyMessage,
  type Confirmation,
  type InputOf,
  type Publishing,
  WarrenError,
} from "@warren/message";
import { encode, fillIn } from "./encode.ts";
import { type Confirmed, publishError } from "./publish-error.ts";
import type { PublishOptions } from "./publish-options.ts";
import {
  type PublisherOptions,
  resolvePublisherOptions,
  type ResolvedPublisherOptions,
} from "./publisher-options.ts";

/** Publishes messages and says what became of each. */
export class Publisher implements AsyncDisposable {
  readonly #options: ResolvedPublisherOptions;
  readonly #channel: ConfirmChannel;

  constructor(connection: Connection, options: PublisherOptions = {}) {
    this.#options = resolvePublisherOptions(options);
    const { appId: _a, codecs: _c, validate: _v, messageId: _m, traceHeaders: _t, ...limits } = this.#options;
    this.#channel = connection.confirmChannel(limits);
  }

  /**
   * Publishes and resolves when the broker has taken responsibility for the message and at least one queue has it.
   * It does not say that anybody will consume it.
   *
   * @throws PublishError, whose `outcome` says what became of it and whether it may be stored: PUBLISH_RETURNED,
   * PUBLISH_NACKED, PUBLISH_REFUSED, PUBLISH_INVALID, PUBLISH_TIMEOUT, PUBLISH_UNKNOWN, PUBLISH_BUFFER_FULL,
   * PUBLISH_ABORTED, PUBLISHER_CLOSED
   * @see https://www.rabbitmq.com/docs/confirms#publisher-confirms
   */
  publish<M extends AnyMessage>(
    message: M,
    payload: InputOf<M>,
    options?: PublishOptions,
  ): Promise<Confirmed>;
  publish(publishing: Publishing, control?: PublishControl): Promise<Confirmed>;
  publish(
    what: AnyMessage | Publishing,
    payloadOrControl?: unknown,
    options?: PublishOptions,
  ): Promise<Confirmed> {
    return new Promise((resolve, reject) => {
      this.#send(what, payloadOrControl, options, (confirmation) => {
        if (confirmation.status === "confirmed") resolve(confirmation);
        else reject(publishError(confirmation, describe(what)));
      });
    });
  }

  /** Resolves when everything published before this call has settled. @throws WarrenError PUBLISH_TIMEOUT */
  flush(options?: { readonly timeoutMs?: number }): Promise<void> {
    return this.#channel.flush(options);
  }

  /** Refuses new publishes, waits for the others, at most `timeoutMs` (10,000), and settles what is left. */
  close(options?: { readonly timeoutMs?: number }): Promise<void> {
    return this.#channel.close(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #send(
    what: AnyMessage | Publishing,
    payloadOrControl: unknown,
    options: PublishOptions | undefined,
    settled: (confirmation: Confirmation) => void,
  ): void {
    try {
      if (isPublishing(what)) {
        const control = payloadOrControl as PublishControl | undefined;
        this.#channel.send(fillIn(what, this.#options), control, settled);
        return;
      }
      const publishing = encode(what, payloadOrControl, options, this.#options);
      if (publishing instanceof Promise)
        publishing.then(
          (ready) => this.#channel.send(ready, options, settled),
          (error: unknown) => refuse(error, options, settled),
        );
      else this.#channel.send(publishing, options, settled);
    } catch (error) {
      refuse(error, options, settled);
    }
  }
}

/** A publisher on a channel of its own. Nothing is sent before the first publish. */
export function createPublisher(connection: Connection, options: PublisherOptions = {}): Publisher {
  return new Publisher(connection, options);
}

function isPublishing(what: AnyMessage | Publishing): what is Publishing {
  return !("routingKeyFor" in what);
}

function describe({ exchange, routingKey }: AnyMessage | Publishing): string {
  return exchange === "" ? `the queue "${routingKey}"` : `"${exchange}" with the routing key "${routingKey}"`;
}

function refuse(
  thrown: unknown,
  options: PublishOptions | undefined,
  settled: (confirmation: Confirmation) => void,
): void {
  const error =
    thrown instanceof WarrenError
      ? thrown
      : new WarrenError("PUBLISH_INVALID", `the payload cannot be encoded: ${String(thrown)}`, {
          cause: thrown,
        });
  settled({ status: "refused", stored: "no", messageId: options?.messageId ?? "", error });
}
