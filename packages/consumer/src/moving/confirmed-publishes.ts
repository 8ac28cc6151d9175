import { setMaxListeners } from "node:events";
import type { ConfirmChannel, Connection } from "@warren/connection";
import {
  type Backoff,
  BrokerError,
  type Confirmation,
  DeliveryError,
  PublishError,
  type Publishing,
  type WarrenError,
} from "@warren/message";
import { backoffMs } from "@warren/message/authoring";
import { failureOf } from "../handling/failure.ts";

/** Pauses before another try: the delivery stays un-acked meanwhile, so that nothing is lost and nothing runs hot. */
const pauses: Backoff = { baseMs: 1_000, maxMs: 30_000 };

/** How a publish that is repeated until it is confirmed can end. */
export type PublishEnd =
  | "confirmed"
  /** Nobody is bound there, or the queue takes no more. Only where that was asked for: a move is tried until it is taken. */
  | "returned"
  /**
   * It cannot be written, or the broker closes the channel or the connection over what it is. Only where `"returned"` is an
   * end too: a move is tried on.
   */
  | "condemned"
  /** It is not wanted any more, the consumer was stopped, or the connection is being closed. */
  | "abandoned";

export interface PublishTerms {
  /** Asked before each try. */
  readonly wanted: () => boolean;
  /** @default false */
  readonly mayBeReturned?: boolean;
}

/**
 * Publishes until the broker has confirmed. Opens its channel for the first message, on the socket for publishes: on the
 * consuming one it would stop the acks during a memory alarm.
 */
export class ConfirmedPublishes {
  readonly #open: () => ConfirmChannel;
  readonly #stopping = new AbortController();
  readonly #changed: () => void;
  /** What waits for another try because it is refused. */
  readonly #refused = new Map<object, WarrenError>();
  #channel: ConfirmChannel | undefined;

  /** @param changed called when {@link refusal} comes or goes. */
  constructor(connection: Connection, name: `${"move" | "reply"} ${string}`, changed: () => void) {
    this.#changed = changed;
    // Every publish on its way listens; the prefetch bounds them.
    setMaxListeners(0, this.#stopping.signal);
    // What could be consumed can be published again, whatever its size.
    const purpose = name.startsWith("reply ") ? "reply" : "move";
    this.#open = () => connection.channels.confirm({ name, purpose, maxBodyBytes: 512 * 1024 * 1024 });
  }

  /** Why what is tried again now is refused: a missing permission, a queue that is full or away. */
  get refusal(): WarrenError | undefined {
    return this.#refused.values().next().value;
  }

  async publish(
    publishing: Publishing,
    { wanted, mayBeReturned = false }: PublishTerms,
  ): Promise<PublishEnd> {
    try {
      return await this.#publish(publishing, wanted, mayBeReturned);
    } finally {
      this.#note(publishing, undefined);
    }
  }

  /** Tells of a failure that nobody foresaw, for as long as the pause lasts after which it may be met again. */
  async pauseAfter(failed: object, thrown: unknown): Promise<void> {
    const reason = failureOf(thrown).reason;
    const error = new DeliveryError("MOVE_FAILED", `a message could not be moved: ${reason}`, {
      cause: thrown,
    });
    this.#note(failed, error);
    try {
      await pause(pauses.maxMs, this.#stopping.signal);
    } finally {
      this.#note(failed, undefined);
    }
  }

  /** Gives up what is on its way. */
  async close(timeoutMs: number): Promise<void> {
    this.#stopping.abort();
    await this.#channel?.close({ timeoutMs });
  }

  async #publish(publishing: Publishing, wanted: () => boolean, mayBeReturned: boolean): Promise<PublishEnd> {
    const { signal } = this.#stopping;
    for (let attempt = 1; wanted() && !signal.aborted; attempt++) {
      const channel = this.#openChannel();
      if (channel === undefined) return "abandoned";
      const confirmation = await channel.publish(publishing, { signal });
      if (confirmation.status === "confirmed") return "confirmed";
      const end = mayBeReturned ? endOfReply(confirmation) : undefined;
      if (end !== undefined) return end;
      this.#note(publishing, refusalOf(confirmation, publishing, mayBeReturned));
      await pause(pauses.baseMs / 2 + backoffMs(attempt, pauses, Math.random), signal);
    }
    return "abandoned";
  }

  /** None once the connection is closed or being closed. */
  #openChannel(): ConfirmChannel | undefined {
    try {
      return (this.#channel ??= this.#open());
    } catch {
      return undefined;
    }
  }

  #note(publishing: object, refusal: WarrenError | undefined): void {
    const wasRefused = this.#refused.size > 0;
    if (refusal === undefined) this.#refused.delete(publishing);
    else this.#refused.set(publishing, refusal);
    if (wasRefused !== this.#refused.size > 0) this.#changed();
  }
}

/**
 * What no further try would change, or only at the cost of a connection: a requester says where its reply goes and with which
 * correlation id, so that it could hold a place of the handlers for ever.
 */
function endOfReply(confirmation: Confirmation): PublishEnd | undefined {
  const { status } = confirmation;
  if (status === "returned" || status === "nacked") return "returned";
  const error = "error" in confirmation ? confirmation.error : undefined;
  if (error instanceof BrokerError && error.scope === "connection") return "condemned";
  if (status !== "refused") return undefined;
  const { code } = confirmation.error;
  return code === "PUBLISH_INVALID" || code === "BROKER_PRECONDITION_FAILED" ? "condemned" : undefined;
}

/** What an operator has to see to. Of a reply only what the broker itself refuses. */
function refusalOf(
  confirmation: Confirmation,
  { exchange, routingKey }: Publishing,
  isReply: boolean,
): WarrenError | undefined {
  if (confirmation.status === "refused") {
    const { error } = confirmation;
    return error instanceof BrokerError || error.code === "PUBLISH_INVALID" ? error : undefined;
  }
  if (isReply) return undefined;
  const move = `the move to ${exchange === "" ? "the queue" : `"${exchange}" with the routing key`} "${routingKey}"`;
  switch (confirmation.status) {
    case "returned":
      return new PublishError("PUBLISH_RETURNED", `no queue took ${move}`, confirmation);
    case "nacked":
      return new PublishError("PUBLISH_NACKED", `a queue refused ${move}`, confirmation);
    case "timed-out":
      return new PublishError("PUBLISH_TIMEOUT", `${move} was not confirmed in time`, confirmation);
    default:
      return undefined;
  }
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, delayMs);
    signal.addEventListener("abort", done);
  });
}
