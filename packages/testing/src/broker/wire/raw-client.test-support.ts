import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { encodeContentHeader } from "../codec/content-header.ts";
import { boolean, fieldTable, table } from "../codec/field-values.ts";
import { FrameReader } from "../codec/frame-reader.ts";
import { contentFrames, encodeFrame, frameTypes, methodFrame, protocolHeader } from "../codec/frames.ts";
import type { Method, MethodArguments, MethodName } from "../codec/method-table.ts";
import { decodeMethod } from "../codec/methods.ts";
import type { Properties } from "../codec/properties.ts";

/** A frame from the broker; `end` once it has closed the socket. */
export type Received =
  | (Method & { readonly channel: number })
  | ContentFrame<"header">
  | ContentFrame<"body">
  | ContentFrame<"heartbeat">
  | { readonly name: "end" };

interface ContentFrame<N> {
  readonly name: N;
  readonly channel: number;
  readonly payload: Buffer;
}

export interface RawClientOptions {
  readonly port: number;
  readonly vhost?: string;
  readonly login?: string;
  readonly mechanism?: string;
  readonly capabilities?: readonly string[];
  readonly tune?: Partial<MethodArguments<"connection.tune-ok">>;
}

const frameNames: Readonly<Record<number, "header" | "body" | "heartbeat">> = {
  [frameTypes.header]: "header",
  [frameTypes.body]: "body",
  [frameTypes.heartbeat]: "heartbeat",
};

/** Speaks frame by frame, right or wrong. */
export class RawClient {
  readonly socket: Socket;
  /** What came and nobody has asked for. */
  readonly received: Received[] = [];
  #awaited: ((received: Received) => void) | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    const reader = new FrameReader({
      maxFrameBytes: 0,
      onFrame: (type, channel, payload) => {
        if (type === frameTypes.method) this.#take({ channel, ...decodeMethod(Buffer.from(payload)) });
        else
          this.#take({
            name: frameNames[type]!,
            channel,
            payload: Buffer.from(payload),
          });
      },
    });
    socket.on("data", (chunk) => {
      // The only bytes of a broker that are no frame: the version that it speaks.
      if (chunk.subarray(0, 4).toString() !== "AMQP") reader.push(chunk);
    });
    socket.on("error", () => undefined);
    socket.on("close", () => this.#take({ name: "end" }));
  }

  /** A socket, and not a byte sent. */
  static async connect(port: number): Promise<RawClient> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new RawClient(socket);
  }

  /** Up to `connection.tune-ok`, or to what the broker says instead of `connection.tune`. */
  static async greet(options: RawClientOptions): Promise<RawClient> {
    const client = await RawClient.connect(options.port);
    client.write(protocolHeader);
    await client.next("connection.start");
    const capabilities = options.capabilities ?? ["authentication_failure_close", "consumer_cancel_notify"];
    client.send(0, "connection.start-ok", {
      clientProperties: fieldTable({
        capabilities: table(Object.fromEntries(capabilities.map((name) => [name, boolean(true)]))),
      }),
      mechanism: options.mechanism ?? "PLAIN",
      response: Buffer.from(options.login ?? "\0guest\0guest"),
      locale: "en_US",
    });
    return client;
  }

  /** Up to `connection.open`, or to what the broker says instead of its answers. */
  static async begin(options: RawClientOptions): Promise<RawClient> {
    const client = await RawClient.greet(options);
    const { arguments: tune } = await client.next("connection.tune");
    client.send(0, "connection.tune-ok", { ...tune, heartbeat: 0, ...options.tune });
    client.send(0, "connection.open", { virtualHost: options.vhost ?? "/" });
    return client;
  }

  /** With channel 1 open. */
  static async open(options: RawClientOptions): Promise<RawClient> {
    const client = await RawClient.begin(options);
    await client.next("connection.open-ok");
    await client.openChannel(1);
    return client;
  }

  async openChannel(channel: number): Promise<void> {
    this.send(channel, "channel.open", {});
    await this.next("channel.open-ok");
  }

  write(...bytes: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(bytes));
  }

  send<N extends MethodName>(channel: number, name: N, args: MethodArguments<N>): void {
    this.write(methodFrame(channel, name, args));
  }

  sendFrame(type: number, channel: number, payload: Buffer): void {
    this.write(encodeFrame(type, channel, payload));
  }

  publish(
    args: Partial<MethodArguments<"basic.publish">>,
    body: Buffer | string = "x",
    properties: Properties = {},
  ): void {
    const bytes = Buffer.from(body);
    this.write(
      methodFrame(1, "basic.publish", {
        exchange: "",
        routingKey: "",
        mandatory: false,
        immediate: false,
        ...args,
      }),
      ...contentFrames(1, encodeContentHeader(bytes.length, properties), bytes, 0),
    );
  }

  /** What `send` writes leaves as one piece, so that the broker reads it in one turn. */
  atOnce(send: () => void): void {
    this.socket.cork();
    send();
    this.socket.uncork();
  }

  async declare(
    queue: string,
    more: Partial<MethodArguments<"queue.declare">> = {},
  ): Promise<MethodArguments<"queue.declare-ok">> {
    this.send(1, "queue.declare", {
      queue,
      passive: false,
      durable: false,
      exclusive: false,
      autoDelete: false,
      noWait: false,
      arguments: new Map(),
      ...more,
    });
    return (await this.next("queue.declare-ok")).arguments;
  }

  /** Without waiting for `consume-ok`. */
  consume(queue: string, consumerTag: string, more: Partial<MethodArguments<"basic.consume">> = {}): void {
    this.send(1, "basic.consume", {
      queue,
      consumerTag,
      noLocal: false,
      noAck: false,
      exclusive: false,
      noWait: false,
      arguments: new Map(),
      ...more,
    });
  }

  get(queue: string, noAck = false): void {
    this.send(1, "basic.get", { queue, noAck });
  }

  ack(deliveryTag: number, multiple = false): void {
    this.send(1, "basic.ack", { deliveryTag, multiple });
  }

  async qos(prefetchCount: number, global = false): Promise<void> {
    this.send(1, "basic.qos", { prefetchSize: 0, prefetchCount, global });
    await this.next("basic.qos-ok");
  }

  /** The next delivery, shortly: its tag, its body, and whether it was delivered before. */
  async delivery(): Promise<{ tag: number; body: string; redelivered: boolean; consumerTag: string }> {
    const { deliveryTag: tag, redelivered, consumerTag } = (await this.next("basic.deliver")).arguments;
    return { tag, body: await this.content(), redelivered, consumerTag };
  }

  /** The reply code and text of the next close of channel 1. */
  async refusal(): Promise<string> {
    return (await this.next("channel.close")).arguments.replyText;
  }

  /** Whatever comes next. */
  async any(): Promise<Received> {
    const first = this.received.shift();
    if (first !== undefined) return first;
    return new Promise((resolve) => {
      this.#awaited = resolve;
    });
  }

  /** The next frame, which has to be this one. */
  async next<N extends Received["name"]>(name: N): Promise<Extract<Received, { name: N }>> {
    const received = await this.any();
    if (received.name !== name)
      throw new Error(`${received.name} came instead of ${name}: ${JSON.stringify(received)}`);
    return received as Extract<Received, { name: N }>;
  }

  /** A header and a body of one frame, as text. */
  async content(): Promise<string> {
    await this.next("header");
    const body = await this.next("body");
    return body.payload.toString();
  }

  /** Resolves once the broker has handled all that was sent before; nothing else may have been answered. */
  async settled(channel = 1): Promise<void> {
    this.send(channel, "channel.flow", { active: true });
    await this.next("channel.flow-ok");
  }

  end(): void {
    this.socket.destroy();
  }

  #take(received: Received): void {
    const awaited = this.#awaited;
    this.#awaited = undefined;
    if (awaited === undefined) this.received.push(received);
    else awaited(received);
  }
}
