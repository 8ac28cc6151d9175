import type { FieldTable } from "../../src/broker/codec/field-table.ts";
import { fieldTable, longstr } from "../../src/broker/codec/field-values.ts";
import type { ClientChannel } from "../client/client-channel.ts";
import { ClientConnection } from "../client/client-connection.ts";
import { channelNames, type ChannelName } from "../sequence/command.ts";
import { int32 } from "./queue-arguments.ts";

/** Longer than any TTL of a sequence that is meant to pass. */
const markerTtlMs = 3;

/**
 * Two connections to one broker, over which one sequence after the other is run, and what it takes to ask that broker
 * whether it is quiet. All names begin with a prefix there, which neither sequences nor observations show.
 */
export class BrokerSession {
  readonly connections: Readonly<Record<ChannelName, ClientConnection>>;
  readonly #prefix: string;
  readonly #controls = new Map<ChannelName, ClientChannel>();
  readonly #markers: ClientChannel;
  #markerExpired: () => void = () => undefined;
  #hasLog = false;

  private constructor(
    prefix: string,
    connections: Readonly<Record<ChannelName, ClientConnection>>,
    markers: ClientChannel,
  ) {
    this.#prefix = prefix;
    this.connections = connections;
    this.#markers = markers;
  }

  static async open(port: number, prefix: string): Promise<BrokerSession> {
    const [a, b] = await Promise.all([ClientConnection.open(port), ClientConnection.open(port)]);
    const markers = await a.channel({ received: () => session.#markerExpired() });
    const session = new BrokerSession(prefix, { a, b }, markers);
    await session.#declareMarkers();
    return session;
  }

  /** A name as it goes over the wire. */
  wire(name: string): string {
    return name === "" ? "" : this.#prefix + name;
  }

  /** What came over the wire as sequences name it. */
  plain(text: string): string {
    return text.replaceAll(this.#prefix, "");
  }

  /** For questions. One that the broker has closed is opened again. */
  async control(on: ChannelName): Promise<ClientChannel> {
    const known = this.#controls.get(on);
    if (known !== undefined && known.closed === undefined) return known;
    const control = await this.connections[on].channel({ received: () => undefined });
    this.#controls.set(on, control);
    return control;
  }

  /** Fulfilled when a message has expired that was published now with a TTL longer than any short one of a sequence. */
  async shortTtlsPassed(): Promise<void> {
    const expired = new Promise<void>((resolve) => {
      this.#markerExpired = resolve;
    });
    await this.#publishMarker("marker");
    await expired;
  }

  /** Why it is of no more use: the broker has closed one of its connections. */
  get failure(): string | undefined {
    const { a, b } = this.connections;
    return a.failure ?? b.failure;
  }

  /**
   * Fulfilled when a message is confirmed that was published now to a quorum queue of its own: all quorum queues of a node
   * write to one log, so that what was sent to the others before is written then.
   */
  async logWritten(): Promise<void> {
    if (!this.#hasLog) {
      const table = fieldTable({ "x-queue-type": longstr("quorum"), "x-max-length": int32(1) });
      await this.#declare("log", table, false);
      this.#hasLog = true;
    }
    await this.#publishMarker("log");
  }

  async delete(kind: "queue" | "exchange", name: string, on: ChannelName): Promise<void> {
    const control = await this.control(on);
    if (kind === "queue")
      await control.call("queue.delete", {
        queue: this.wire(name),
        ifUnused: false,
        ifEmpty: false,
        noWait: false,
      });
    else await control.call("exchange.delete", { exchange: this.wire(name), ifUnused: false, noWait: false });
  }

  async close(): Promise<void> {
    await this.delete("queue", "log", "a");
    for (const name of channelNames) this.connections[name].close();
  }

  async #declareMarkers(): Promise<void> {
    const expired = this.wire("expired");
    await this.#markers.call("confirm.select", { noWait: false });
    await this.#declare("expired", fieldTable({}));
    await this.#declare(
      "marker",
      fieldTable({
        "x-message-ttl": int32(markerTtlMs),
        "x-dead-letter-exchange": longstr(""),
        "x-dead-letter-routing-key": longstr(expired),
      }),
    );
    await this.#markers.call("basic.consume", {
      queue: expired,
      consumerTag: "",
      noLocal: false,
      noAck: true,
      exclusive: false,
      noWait: false,
      arguments: fieldTable({}),
    });
  }

  async #declare(queue: string, table: FieldTable, exclusive = true): Promise<void> {
    await this.#markers.call("queue.declare", {
      queue: this.wire(queue),
      passive: false,
      durable: true,
      exclusive,
      autoDelete: false,
      noWait: false,
      arguments: table,
    });
  }

  async #publishMarker(queue: string): Promise<void> {
    const answer = await this.#markers.publish(
      { exchange: "", routingKey: this.wire(queue), mandatory: false, immediate: false },
      {},
      Buffer.from("marker"),
    );
    if (answer.name === "closed") throw new ConnectionLostError(answer.text);
  }
}

/** The broker has closed a connection. */
export class ConnectionLostError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "ConnectionLostError";
  }
}
