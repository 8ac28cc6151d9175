import type { FieldTable } from "../codec/field-table.ts";
import type { Message } from "./message.ts";
import type { Owner, Queue, QueueDeclaration } from "./queue/queue.ts";

/** What `exchange.declare` asks for. */
export interface ExchangeDeclaration {
  readonly name: string;
  readonly type: string;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  readonly internal: boolean;
  readonly arguments: FieldTable;
}

/** From an exchange to a queue, or to another exchange. */
export interface Binding {
  readonly source: string;
  readonly destination: string;
  readonly destinationKind: "queue" | "exchange";
  readonly routingKey: string;
  readonly arguments: FieldTable;
}

/** What became of a publish. */
export interface Publication {
  /** False where no queue was found, alternate exchanges included: a mandatory publish is returned. */
  readonly routed: boolean;
  /** False where one of the queues refused it: the publisher gets a nack. */
  readonly accepted: boolean;
}

/**
 * The exchanges, queues and bindings of one virtual host. Pure: no socket, no timer but through the clock. Every method
 * throws {@link AmqpError} with the code and the text that RabbitMQ gives.
 */
export interface VirtualHost {
  readonly name: string;

  declareExchange(declaration: ExchangeDeclaration): void;
  /** `exchange.declare` with passive set. */
  checkExchange(name: string): void;
  deleteExchange(name: string, options: { readonly ifUnused: boolean }): void;
  bind(binding: Binding, by: Owner): void;
  unbind(binding: Binding, by: Owner): void;

  /** An empty name is replaced by one of the broker's own, `amq.gen-…`. */
  declareQueue(declaration: QueueDeclaration, by: Owner): Queue;
  /** The queue for a passive declare, a consume, a get or a purge: 404 where there is none, 405 where it is another's. */
  queue(name: string, by: Owner): Queue;
  deleteQueue(
    name: string,
    by: Owner,
    options: { readonly ifUnused: boolean; readonly ifEmpty: boolean },
  ): number;

  /** @throws AmqpError 404 without the exchange, 403 for an internal one. */
  publish(message: Message): Publication;

  /** A connection has ended: its exclusive queues go. */
  ownerGone(owner: Owner): void;

  readonly exchanges: Iterable<ExchangeDeclaration>;
  readonly queues: Iterable<Queue>;
  readonly bindings: Iterable<Binding>;
}
