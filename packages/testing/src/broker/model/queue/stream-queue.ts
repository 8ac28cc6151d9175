import { AmqpError } from "../../amqp-error.ts";
import type { Clock } from "../../clock.ts";
import type { FieldTable } from "../../codec/field-table.ts";
import type { VersionRules } from "../../version.ts";
import type { Message } from "../message.ts";
import { checkConsumerArguments } from "./consumer-arguments.ts";
import type { QueueSettings } from "./queue-settings.ts";
import type {
  Queue,
  QueueConsumer,
  QueueDeclaration,
  QueueDelivery,
  QueueSurroundings,
  Settlement,
} from "./queue.ts";
import { type StreamEntry, StreamLog } from "./stream-log.ts";
import { durationMs, startOffset } from "./stream-offset.ts";

/** As RabbitMQ has it. */
const SEGMENT_BYTES = 500_000_000;

/** A reader at its own place. */
interface Cursor {
  readonly consumer: QueueConsumer;
  nextOffset: number;
}

export interface StreamQueueParts {
  readonly declaration: QueueDeclaration;
  readonly settings: QueueSettings;
  readonly rules: VersionRules;
  readonly clock: Clock;
  readonly surroundings: QueueSurroundings;
}

/** A stream: messages stay, each consumer reads them from an offset of its own, and acks only let it read on. */
export class StreamQueue implements Queue {
  readonly declaration: QueueDeclaration;
  readonly kind = "stream";
  readonly owner = undefined;
  /** As RabbitMQ tells, however many there are. */
  readonly consumerCount = 0;
  readonly #parts: StreamQueueParts;
  readonly #log: StreamLog;
  readonly #cursors = new Map<QueueConsumer, Cursor>();
  readonly #held = new Set<QueueDelivery>();

  constructor(parts: StreamQueueParts) {
    const { declaration, settings } = parts;
    this.declaration = declaration;
    this.#parts = parts;
    this.#log = new StreamLog({
      maxLengthBytes: settings.maxLengthBytes,
      maxAgeMs: settings.maxAge === undefined ? undefined : durationMs(settings.maxAge),
      segmentBytes: settings.segmentBytes ?? SEGMENT_BYTES,
    });
  }

  /** All that it has. RabbitMQ counts them only every few seconds. */
  get readyCount(): number {
    return this.#log.endOffset - this.#log.firstOffset;
  }

  get unackedCount(): number {
    return this.#held.size;
  }

  publish(message: Message): "accepted" {
    const { clock, rules } = this.#parts;
    this.#log.append(rules.streamsForgetDeliveryMode ? durableOrNot(message) : message, clock.now());
    this.#readOn();
    return "accepted";
  }

  get(): never {
    throw this.#notImplemented("basic.get not supported by stream queues");
  }

  consume(consumer: QueueConsumer): void {
    const { declaration, surroundings, rules, clock } = this.#parts;
    checkConsumerArguments(consumer.arguments, this, surroundings.vhost, rules);
    const queue = `queue '${declaration.name}' in vhost '${surroundings.vhost}'`;
    if (consumer.prefetchCount === 0) {
      const which = rules.namesStreamQueues ? `stream ${queue}` : `'${queue}'`;
      throw new AmqpError(406, `consumer prefetch count is not set for ${which}`);
    }
    if (consumer.noAck) {
      const kind = rules.namesStreamQueues ? "stream" : "stream queues";
      throw this.#notImplemented(`automatic acknowledgement not supported by ${kind}`);
    }
    const place = { queueName: declaration.name, vhost: surroundings.vhost };
    const nextOffset = startOffset(consumer.arguments, this.#log, clock.now(), place);
    this.#cursors.set(consumer, { consumer, nextOffset });
    this.#readOn();
  }

  cancel(consumer: QueueConsumer): void {
    this.#cursors.delete(consumer);
  }

  settle(deliveries: readonly QueueDelivery[], how: Settlement): void {
    if (how !== "ack" && how !== "channel-closed" && !this.#parts.rules.streamsAcceptRejection)
      throw this.#notImplemented("basic.nack and basic.reject not supported by stream queues");
    for (const delivery of deliveries) this.#held.delete(delivery);
    this.#readOn();
  }

  wake(): void {
    this.#readOn();
  }

  touch(): void {
    // Streams do not expire.
  }

  purge(): never {
    throw this.#notImplemented("queue.purge not supported by stream queues");
  }

  destroy(): number {
    const consumers = [...this.#cursors.keys()];
    this.#cursors.clear();
    this.#held.clear();
    for (const consumer of consumers) consumer.cancelled();
    return 0;
  }

  #readOn(): void {
    for (const cursor of this.#cursors.values()) {
      while (cursor.nextOffset < this.#log.endOffset && cursor.consumer.hasRoom()) {
        const entry = this.#log.at(cursor.nextOffset)!;
        cursor.nextOffset = entry.offset + 1;
        const delivery = new StreamDelivery(entry);
        this.#held.add(delivery);
        cursor.consumer.deliver(delivery);
      }
    }
  }

  #notImplemented(what: string): AmqpError {
    const { declaration, surroundings } = this.#parts;
    return new AmqpError(540, `${what} queue '${declaration.name}' in vhost '${surroundings.vhost}'`);
  }
}

/** All that it remembers of a delivery mode. */
function durableOrNot(message: Message): Message {
  const { deliveryMode } = message.properties;
  if (deliveryMode === 1 || deliveryMode === 2) return message;
  const { header: _asItWas, ...changed } = message;
  return { ...changed, properties: { ...message.properties, deliveryMode: 1 } };
}

class StreamDelivery implements QueueDelivery {
  readonly message: Message;
  readonly redelivered = false;
  readonly extraHeaders: FieldTable;

  constructor({ message, offset }: StreamEntry) {
    this.message = message;
    this.extraHeaders = new Map([["x-stream-offset", { type: "int64", value: BigInt(offset) }]]);
  }
}
