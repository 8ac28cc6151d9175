import { AmqpError } from "../amqp-error.ts";
import type { Clock } from "../clock.ts";
import type { VersionRules } from "../version.ts";
import { checkSameQueue } from "./declare/equivalence.ts";
import { checkDeletable, checkNewQueue } from "./declare/queue-rules.ts";
import { completeDeclaration } from "./declare/queue-declaration.ts";
import type { Binding } from "./exchange/binding.ts";
import { Bindings } from "./exchange/bindings.ts";
import type { ExchangeDeclaration } from "./exchange/exchange-declaration.ts";
import type { Destination, Exchange } from "./exchange/exchange.ts";
import { checkNotDefault, Exchanges } from "./exchange/exchanges.ts";
import { MessageRouting, type Publication } from "./message-routing.ts";
import type { Message } from "./message.ts";
import { QueueOperations } from "./queue-operations.ts";
import { createQueue } from "./queue/create-queue.ts";
import type { Owner, Queue, QueueDeclaration, QueueSurroundings } from "./queue/queue.ts";
import { queueIn, withoutLineBreaks } from "./resource.ts";
import { DefaultRouter } from "./routing/default-router.ts";
import { checkHeadersMatch } from "./routing/headers-match.ts";

export type { Binding } from "./exchange/binding.ts";
export type { ExchangeDeclaration } from "./exchange/exchange-declaration.ts";

/** What a virtual host is made with. */
export interface VirtualHostPlace {
  readonly rules: VersionRules;
  readonly clock: Clock;
}

/**
 * The exchanges, queues and bindings of one virtual host. Pure: no socket, no timer but through the clock. Every method
 * throws {@link AmqpError} with the code and the text that RabbitMQ gives.
 */
export class VirtualHost {
  readonly name: string;
  readonly #place: VirtualHostPlace;
  readonly #queues = new Map<string, Queue>();
  readonly #exchanges: Exchanges;
  readonly #bindings = new Bindings();
  readonly #messages: MessageRouting;
  readonly #surroundings: QueueSurroundings;

  constructor(name: string, place: VirtualHostPlace) {
    this.name = name;
    this.#place = place;
    this.#exchanges = new Exchanges(name, place.rules, new DefaultRouter<Destination>(this.#queues));
    this.#messages = new MessageRouting({
      vhost: name,
      exchanges: this.#exchanges,
      queues: this.#queues,
      rules: place.rules,
    });
    this.#surroundings = {
      vhost: name,
      deadLetter: (letter) => {
        this.#messages.deadLetters.add(letter);
      },
      remove: ({ declaration }) => {
        const queue = this.#queues.get(declaration.name);
        if (queue !== undefined) this.#removeQueue(queue);
      },
    };
  }

  declareExchange(declaration: ExchangeDeclaration): void {
    this.#exchanges.declare({ ...declaration, name: withoutLineBreaks(declaration.name) });
  }

  /** `exchange.declare` with passive set. */
  checkExchange(name: string): void {
    checkNotDefault(withoutLineBreaks(name));
    this.#exchanges.require(withoutLineBreaks(name));
  }

  hasExchange(name: string): boolean {
    return this.#exchanges.find(withoutLineBreaks(name)) !== undefined;
  }

  deleteExchange(name: string, options: { readonly ifUnused: boolean }): void {
    const exchange = this.#exchanges.toDelete(withoutLineBreaks(name), options);
    if (exchange !== undefined) this.#removeExchange(exchange);
  }

  bind(asked: Binding, by: Owner): void {
    const binding = this.#checkBindable(asked);
    const source = this.#exchanges.require(binding.source);
    const destination =
      binding.destinationKind === "queue"
        ? this.#requireQueue(binding.destination)
        : this.#exchanges.require(binding.destination);
    if (source.declaration.type === "headers") checkHeadersMatch(binding.arguments);
    if (binding.destinationKind === "queue") this.queue(binding.destination, by);
    this.#bindings.add(binding, source, destination);
  }

  /** What is not bound, or does not exist, is no error. */
  unbind(asked: Binding, by: Owner): void {
    const binding = this.#checkBindable(asked);
    if (!this.#bindings.has(binding)) return;
    if (binding.destinationKind === "queue") this.queue(binding.destination, by);
    const source = this.#bindings.remove(binding);
    if (source !== undefined) this.#removeIfAbandoned(source);
  }

  /** An empty name is replaced by one of the broker's own, `amq.gen-…`. */
  declareQueue(asked: QueueDeclaration, by: Owner): Queue {
    const { rules } = this.#place;
    const declaration = completeDeclaration(asked, rules);
    const owner = declaration.exclusive ? by : undefined;

    const existing = this.#queues.get(declaration.name);
    if (existing !== undefined) {
      if (existing.owner !== owner) this.#refuseLocked(existing);
      checkSameQueue(existing.declaration, declaration, this.name, rules);
      existing.touch();
      return existing;
    }

    checkNewQueue(declaration, this.name, rules);
    const inner = createQueue(declaration, owner, { ...this.#place, surroundings: this.#surroundings });
    const queue = new QueueOperations(inner, this.#messages.deadLetters);
    this.#queues.set(declaration.name, queue);
    return queue;
  }

  /** `queue.declare` with passive set. */
  checkQueue(name: string, by: Owner): Queue {
    const queue = this.queue(withoutLineBreaks(name), by);
    queue.touch();
    return queue;
  }

  hasQueue(name: string): boolean {
    return this.#queues.has(withoutLineBreaks(name));
  }

  /** The queue for a consume, a get or a purge: 404 where there is none, 405 where it is another's. */
  queue(name: string, by: Owner): Queue {
    const queue = this.#requireQueue(name);
    if (queue.owner !== undefined && queue.owner !== by) this.#refuseLocked(queue);
    return queue;
  }

  /** Returns how many messages were ready; 0 too where there is no such queue. */
  deleteQueue(
    asked: string,
    by: Owner,
    options: { readonly ifUnused: boolean; readonly ifEmpty: boolean },
  ): number {
    const name = withoutLineBreaks(asked);
    if (!this.#queues.has(name)) return 0;
    const queue = this.queue(name, by);
    checkDeletable(queue, this.name, options);
    return this.#removeQueue(queue);
  }

  /** @throws AmqpError 404 without the exchange, 403 for an internal one, 406 for a CC or BCC header that is no array. */
  publish(message: Message): Publication {
    return this.#messages.publish(message);
  }

  /** A connection has ended: its exclusive queues go. */
  ownerGone(owner: Owner): void {
    for (const queue of this.#queues.values()) {
      if (queue.owner === owner) this.#removeQueue(queue);
    }
  }

  /** The virtual host is gone, and all its queues with it. */
  destroy(): void {
    for (const queue of this.#queues.values()) this.#removeQueue(queue);
  }

  get exchanges(): Iterable<ExchangeDeclaration> {
    return Array.from(this.#exchanges, ({ declaration }) => declaration);
  }

  get queues(): Iterable<Queue> {
    return this.#queues.values();
  }

  /** Without those of the default exchange, to which every queue is bound under its name. */
  get bindings(): Iterable<Binding> {
    return this.#bindings;
  }

  #checkBindable(asked: Binding): Binding {
    const source = withoutLineBreaks(asked.source);
    const destination = withoutLineBreaks(asked.destination);
    if (asked.destinationKind === "exchange") checkNotDefault(destination);
    checkNotDefault(source);
    return { ...asked, source, destination };
  }

  #requireQueue(name: string): Queue {
    const queue = this.#queues.get(name);
    if (queue === undefined) throw new AmqpError(404, `no ${queueIn(this.name, name)}`);
    return queue;
  }

  #removeQueue(queue: Queue): number {
    this.#queues.delete(queue.declaration.name);
    this.#unbindAll(queue);
    return queue.destroy();
  }

  #removeExchange(exchange: Exchange): void {
    this.#exchanges.remove(exchange);
    this.#unbindAll(exchange);
  }

  #unbindAll(end: Destination): void {
    for (const source of this.#bindings.removeAllOf(end)) {
      if (source !== end) this.#removeIfAbandoned(source);
    }
  }

  /** An auto-delete exchange goes with its last binding. */
  #removeIfAbandoned(exchange: Exchange): void {
    if (exchange.declaration.autoDelete && exchange.bindingCount === 0) this.#removeExchange(exchange);
  }

  #refuseLocked(queue: Queue): never {
    throw new AmqpError(
      405,
      `cannot obtain exclusive access to locked ${queueIn(this.name, queue.declaration.name)}. It could be ` +
        "originally declared on another connection or the exclusive property value does not match that of the " +
        "original declaration.",
    );
  }
}
