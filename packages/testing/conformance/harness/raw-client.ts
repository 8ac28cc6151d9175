import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { bits, frame, long, longstr, method, short, shortstr, table, type MethodName } from "./frames.ts";
import { readFrame, type RawFrame } from "./raw-frame.ts";

/** How a broker closed a channel or the whole connection. */
export interface RawRefusal {
  readonly scope: "channel" | "connection";
  readonly channel: number;
  readonly code: number;
  readonly text: string;
  readonly classId: number;
  readonly methodId: number;
}

export const protocolHeader: Buffer = Buffer.from("AMQP\0\0\x09\x01", "latin1");

/** Speaks AMQP frame by frame, for what a well-behaved client never sends. */
export class RawClient {
  readonly #socket: Socket;
  #bytes: Buffer = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => undefined;

  static async connect(port: number, host: string): Promise<RawClient> {
    const socket = connect({ port, host, noDelay: true });
    await once(socket, "connect");
    return new RawClient(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes]);
      this.#wake();
    });
    const end = (): void => {
      this.#ended = true;
      this.#wake();
    };
    socket.on("end", end);
    socket.on("close", end);
    // A reset is an end, too.
    socket.on("error", end);
  }

  /** Any bytes. */
  write(...bytes: readonly Buffer[]): void {
    this.#socket.write(Buffer.concat(bytes));
  }

  /** A method frame; the arguments are those of `frames.ts`, in the order of the specification. */
  send(channel: number, name: MethodName, ...args: readonly Buffer[]): void {
    this.write(frame(1, channel, method(name, ...args)));
  }

  /** Sends a method and gives the next frame. */
  async call(channel: number, name: MethodName, ...args: readonly Buffer[]): Promise<RawFrame> {
    this.send(channel, name, ...args);
    return this.next();
  }

  /** The next frame that is no heartbeat. */
  async next(): Promise<RawFrame> {
    for (;;) {
      const next = await this.nextOrEnd();
      if (next === undefined) throw new Error("the broker has closed the socket");
      if (next.type !== 8) return next;
    }
  }

  /** The next frame, heartbeats included; undefined when the socket ends instead. */
  async nextOrEnd(): Promise<RawFrame | undefined> {
    for (;;) {
      const found = readFrame(this.#bytes);
      if (found !== undefined) {
        this.#bytes = found.rest;
        return found.frame;
      }
      if (this.#ended) return undefined;
      await this.#news();
    }
  }

  /** Reads on to the next `channel.close` or `connection.close`. */
  async refusal(): Promise<RawRefusal> {
    for (;;) {
      const { name, channel, payload } = await this.next();
      if (name !== "channel.close" && name !== "connection.close") continue;
      const length = payload.readUInt8(6);
      return {
        scope: name === "channel.close" ? "channel" : "connection",
        channel,
        code: payload.readUInt16BE(4),
        text: payload.toString("utf8", 7, 7 + length),
        classId: payload.readUInt16BE(7 + length),
        methodId: payload.readUInt16BE(9 + length),
      };
    }
  }

  /** Waits until the broker ends the socket; gives the bytes that came and were not read as frames. */
  async ended(): Promise<Buffer> {
    while (!this.#ended) await this.#news();
    return this.#bytes;
  }

  /** `connection.start` to `connection.open-ok`. */
  async open(vhost: string): Promise<void> {
    await this.login();
    this.tune({});
    const answer = await this.call(0, "connection.open", shortstr(vhost), shortstr(""), bits(false));
    if (answer.name !== "connection.open-ok") throw new Error(`not opened, but ${answer.name}`);
  }

  /** `connection.start` to `connection.tune`, or whatever the broker answers to the login. */
  async login(user = "guest", password = "guest"): Promise<RawFrame> {
    this.write(protocolHeader);
    const { name } = await this.next();
    if (name !== "connection.start") throw new Error(`no start, but ${name}`);
    this.startOk("PLAIN", longstr(`\0${user}\0${password}`));
    return this.next();
  }

  startOk(mechanism: string, response: Buffer, properties: Buffer = table({})): void {
    this.send(0, "connection.start-ok", properties, shortstr(mechanism), response, shortstr("en_US"));
  }

  tune({ channelMax = 2047, frameMaxBytes = 131_072, heartbeatSeconds = 0 }): void {
    this.send(0, "connection.tune-ok", short(channelMax), long(frameMaxBytes), short(heartbeatSeconds));
  }

  async openChannel(channel: number): Promise<void> {
    const answer = await this.call(channel, "channel.open", shortstr(""));
    if (answer.name !== "channel.open-ok") throw new Error(`channel not opened, but ${answer.name}`);
  }

  /** Ends the socket without a word. */
  destroy(): void {
    this.#socket.destroy();
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
