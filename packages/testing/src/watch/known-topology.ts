import { AmqpError } from "../broker/amqp-error.ts";
import type { FieldTable } from "../broker/codec/field-table.ts";
import { ManualClock } from "../broker/manual-clock.ts";
import { readSettings, type QueueSettings } from "../broker/model/queue/queue-settings.ts";
import type { QueueDeclaration } from "../broker/model/queue/queue.ts";
import { type Binding, type ExchangeDeclaration, VirtualHost } from "../broker/model/virtual-host.ts";
import type { VersionRules } from "../broker/version.ts";
import type { WireMessage } from "./wire-message.ts";

const nobody = { name: "watch" };
const noArguments: FieldTable = new Map();

/** A queue as far as it is known: from its declaration, or from being bound or consumed only. */
export interface KnownQueue extends QueueSettings {
  readonly name: string;
  readonly autoDelete: boolean;
}

/**
 * The exchanges, queues and bindings that were seen being declared. It routes as the embedded broker does, through a virtual
 * host of its own in which a consumer of each queue says that a message has arrived there.
 */
export class KnownTopology {
  readonly #shadow: VirtualHost;
  readonly #rules: VersionRules;
  readonly #queues = new Map<string, KnownQueue>();
  #reached: string[] = [];

  constructor(rules: VersionRules) {
    this.#rules = rules;
    this.#shadow = new VirtualHost("watched", { rules, clock: new ManualClock() });
  }

  queue(name: string): KnownQueue {
    return this.#queues.get(name) ?? this.declareQueue(plain(name));
  }

  declareQueue(declaration: QueueDeclaration): KnownQueue {
    const { name, autoDelete } = declaration;
    const queue: KnownQueue = { ...readSettings(declaration, this.#rules), name, autoDelete };
    if (!this.#queues.has(name)) this.#addToShadow(name);
    this.#queues.set(name, queue);
    return queue;
  }

  deleteQueue(name: string): void {
    this.#queues.delete(name);
    this.#shadow.deleteQueue(name, nobody, { ifUnused: false, ifEmpty: false });
  }

  declareExchange(declaration: ExchangeDeclaration): void {
    // A type of a plugin is not known here, nor is then where its exchanges lead.
    // Dead letters pass an internal one too.
    ignoringRefusals(() => this.#shadow.declareExchange({ ...declaration, internal: false }));
  }

  deleteExchange(name: string): void {
    ignoringRefusals(() => this.#shadow.deleteExchange(name, { ifUnused: false }));
  }

  bind(binding: Binding): void {
    if (binding.destinationKind === "queue") this.queue(binding.destination);
    ignoringRefusals(() => this.#shadow.bind(binding, nobody));
  }

  unbind(binding: Binding): void {
    ignoringRefusals(() => this.#shadow.unbind(binding, nobody));
  }

  /** The queues that it reaches; undefined where the exchange was never seen being declared. */
  route(message: WireMessage): readonly string[] | undefined {
    if (!this.#shadow.hasExchange(message.exchange)) return undefined;
    this.#reached = [];
    ignoringRefusals(() => this.#shadow.publish(message));
    return this.#reached;
  }

  /** The queues in which it ends when it leaves this one without an ack; undefined where it is lost. */
  deadLetterRoute(queue: KnownQueue, message: WireMessage): readonly string[] | undefined {
    const { deadLetterExchange, deadLetterRoutingKey } = queue;
    if (deadLetterExchange === undefined) return undefined;
    const routingKey = deadLetterRoutingKey ?? message.routingKey;
    return this.route({ ...message, exchange: deadLetterExchange, routingKey });
  }

  /** Bare: what the arguments would do to the messages is not wanted here. */
  #addToShadow(name: string): void {
    ignoringRefusals(() => {
      this.#shadow.declareQueue(plain(name), nobody).consume({
        tag: name,
        noAck: true,
        exclusive: false,
        arguments: noArguments,
        prefetchCount: 0,
        hasRoom: () => true,
        deliver: () => {
          this.#reached.push(name);
        },
        cancelled: () => undefined,
      });
    });
  }
}

function plain(name: string): QueueDeclaration {
  return { name, durable: true, exclusive: false, autoDelete: false, arguments: noArguments };
}

/** The broker has the last word; what the shadow refuses and the broker took, it only does not know. */
function ignoringRefusals(change: () => void): void {
  try {
    change();
  } catch (error) {
    if (!(error instanceof AmqpError)) throw error;
  }
}
