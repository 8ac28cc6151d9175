import type { DeadLetterLine } from "./dead-letter-line.ts";
import type { Message } from "./message.ts";
import type {
  Owner,
  Queue,
  QueueConsumer,
  QueueDeclaration,
  QueueDelivery,
  Settlement,
} from "./queue/queue.ts";

/** A queue as everyone but itself sees it: the dead-letter line knows when an operation on it begins and ends. */
export class QueueOperations implements Queue {
  readonly #queue: Queue;
  readonly #line: DeadLetterLine;

  constructor(queue: Queue, line: DeadLetterLine) {
    this.#queue = queue;
    this.#line = line;
  }

  get declaration(): QueueDeclaration {
    return this.#queue.declaration;
  }

  get kind(): Queue["kind"] {
    return this.#queue.kind;
  }

  get owner(): Owner | undefined {
    return this.#queue.owner;
  }

  get readyCount(): number {
    return this.#queue.readyCount;
  }

  get unackedCount(): number {
    return this.#queue.unackedCount;
  }

  get consumerCount(): number {
    return this.#queue.consumerCount;
  }

  publish(message: Message): "accepted" | "rejected" {
    this.#line.begin();
    try {
      return this.#queue.publish(message);
    } finally {
      this.#line.end();
    }
  }

  get(noAck: boolean): QueueDelivery | undefined {
    return this.#line.during(() => this.#queue.get(noAck));
  }

  consume(consumer: QueueConsumer): void {
    this.#line.during(() => {
      this.#queue.consume(consumer);
    });
  }

  cancel(consumer: QueueConsumer): void {
    this.#line.during(() => {
      this.#queue.cancel(consumer);
    });
  }

  settle(deliveries: readonly QueueDelivery[], how: Settlement): void {
    this.#line.begin();
    try {
      this.#queue.settle(deliveries, how);
    } finally {
      this.#line.end();
    }
  }

  wake(): void {
    this.#line.begin();
    try {
      this.#queue.wake();
    } finally {
      this.#line.end();
    }
  }

  touch(): void {
    this.#queue.touch();
  }

  purge(): number {
    return this.#line.during(() => this.#queue.purge());
  }

  destroy(): number {
    return this.#line.during(() => this.#queue.destroy());
  }
}
