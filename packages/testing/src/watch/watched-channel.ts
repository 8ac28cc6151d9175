import type { MethodName } from "../broker/codec/method-table.ts";
import type { Frame } from "../proxy/frame-reader.ts";
import type { MethodFields } from "../proxy/method-fields.ts";
import type { Direction } from "../proxy/pipe-faults.ts";
import { ContentAssembly } from "./content-assembly.ts";
import { declarationSeen } from "./declarations.ts";
import type { Ledger } from "./ledger.ts";
import { UnackedDeliveries } from "./unacked-deliveries.ts";
import { UnconfirmedPublishes } from "./unconfirmed-publishes.ts";
import type { WireMessage } from "./wire-message.ts";

interface Request {
  readonly method: MethodName;
  readonly fields: MethodFields;
}

interface SeenConsumer {
  readonly queue: string;
  readonly noAck: boolean;
}

type Reactions = Readonly<Partial<Record<MethodName, (frame: Frame) => void>>>;

/** One channel of a client, read from both sides: what was asked takes effect when the broker's answer is seen. */
export class WatchedChannel {
  readonly #ledger: Ledger;
  readonly #exclusiveQueues: Set<string>;
  readonly #publishes: UnconfirmedPublishes;
  readonly #deliveries: UnackedDeliveries;
  readonly #toServer = new ContentAssembly();
  readonly #toClient = new ContentAssembly();
  /** In the order in which the broker answers them. */
  readonly #requests: Request[] = [];
  readonly #consumers = new Map<string, SeenConsumer>();
  /** What an empty queue name stands for. */
  #lastQueue = "";
  #hasEnded = false;

  readonly #ofClient: Reactions = {
    "basic.publish": (frame) => this.#toServer.begin(frame),
    "basic.ack": ({ fields }) => this.#deliveries.settled(fields, "ack"),
    "basic.nack": ({ fields }) => this.#deliveries.settled(fields, fields.requeue ? "requeue" : "reject"),
    "basic.reject": ({ fields }) => this.#deliveries.settled(fields, fields.requeue ? "requeue" : "reject"),
    "basic.recover-async": () => this.#deliveries.abandon(),
    "confirm.select": () => this.#publishes.select(),
    "channel.close": () => this.end("in order"),
  };
  readonly #ofBroker: Reactions = {
    "basic.deliver": (frame) => this.#toClient.begin(frame),
    "basic.get-ok": (frame) => this.#toClient.begin(frame),
    "basic.get-empty": () => void this.#requests.shift(),
    "basic.return": (frame) => this.#toClient.begin(frame),
    "basic.ack": ({ fields }) => this.#publishes.answered(fields, true),
    "basic.nack": ({ fields }) => this.#publishes.answered(fields, false),
    "basic.cancel": ({ fields }) => this.#dropConsumer(fields.consumerTag ?? "", "broken"),
    "channel.close": () => this.end("broken"),
  };

  /** @param exclusiveQueues those of its connection, which go with it; the channel adds what it declares. */
  constructor(ledger: Ledger, exclusiveQueues: Set<string>) {
    this.#ledger = ledger;
    this.#exclusiveQueues = exclusiveQueues;
    this.#publishes = new UnconfirmedPublishes(ledger);
    this.#deliveries = new UnackedDeliveries(ledger);
  }

  see(frame: Frame, direction: Direction): void {
    // A client that has not heard yet that its channel is closed talks to nobody.
    if (this.#hasEnded) return;
    const { type, method, fields } = frame;
    const isClient = direction === "toServer";
    if (type === "header" || type === "body") {
      const content = (isClient ? this.#toServer : this.#toClient).add(frame);
      if (content !== undefined) this.#hasContent(content.method, content.message);
    } else if (method !== undefined) {
      const react = (isClient ? this.#ofClient : this.#ofBroker)[method];
      if (react !== undefined) react(frame);
      else if (isClient) this.#asked(method, fields);
      else this.#answered(method, fields);
    }
  }

  /** The channel is gone: what it held unacked goes back to its queues, what it published unconfirmed is unknown. */
  end(how: "in order" | "broken"): void {
    this.#hasEnded = true;
    for (const tag of this.#consumers.keys()) this.#dropConsumer(tag, how);
    this.#deliveries.abandon();
    this.#publishes.end();
  }

  #hasContent({ method, fields }: Frame, message: WireMessage): void {
    if (method === "basic.publish") this.#publishes.published(message);
    else if (method === "basic.return") this.#publishes.returned(message, fields.replyText ?? "");
    else {
      const from =
        method === "basic.get-ok"
          ? this.#requests.shift()?.fields
          : this.#consumers.get(fields.consumerTag ?? "");
      const { queue = "", noAck = false } = from ?? {};
      if (from !== undefined) this.#deliveries.delivered({ queue, noAck }, fields, message);
    }
  }

  #asked(method: MethodName, fields: MethodFields): void {
    if (method.endsWith("-ok")) return;
    const request = {
      method,
      fields: fields.queue === "" ? { ...fields, queue: this.#lastQueue } : fields,
    };
    if (fields.noWait === true) this.#done(request, {});
    else this.#requests.push(request);
  }

  #answered(method: MethodName, fields: MethodFields): void {
    const [first] = this.#requests;
    if (first === undefined || method !== `${first.method}-ok`) return;
    this.#requests.shift();
    this.#done(first, fields);
  }

  #done({ method, fields }: Request, answer: MethodFields): void {
    const { queue = "", noAck = false, consumerTag = "" } = fields;
    if (method === "basic.consume") {
      this.#consumers.set(answer.consumerTag ?? consumerTag, { queue, noAck });
      this.#ledger.attendance.arrived(queue);
    } else if (method === "basic.cancel") this.#dropConsumer(consumerTag, "in order");
    else if (method === "basic.recover") this.#deliveries.abandon();
    else if (method === "queue.declare") {
      this.#lastQueue = answer.queue ?? queue;
      if (fields.exclusive === true) this.#exclusiveQueues.add(this.#lastQueue);
    }
    declarationSeen(this.#ledger, method, fields, answer);
  }

  #dropConsumer(tag: string, how: "in order" | "broken"): void {
    const queue = this.#consumers.get(tag)?.queue;
    if (queue === undefined) return;
    this.#consumers.delete(tag);
    const { attendance, topology } = this.#ledger;
    attendance.left(queue, how);
    if (topology.queue(queue).autoDelete && attendance.countOf(queue) === 0) this.#ledger.deleteQueue(queue);
  }
}
