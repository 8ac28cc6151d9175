import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { fieldTable, boolean, table } from "../../src/broker/codec/field-values.ts";
import { FrameReader } from "../../src/broker/codec/frame-reader.ts";
import { frameTypes, methodFrame, protocolHeader } from "../../src/broker/codec/frames.ts";
import { decodeMethod } from "../../src/broker/codec/methods.ts";
import { ClientChannel, type ChannelEvents } from "./client-channel.ts";

/** A connection as guest to the virtual host `/` of a broker on this machine. */
export class ClientConnection {
  readonly #socket: Socket;
  readonly #channels = new Map<number, ClientChannel>();
  #lastNumber = 0;
  #opened: () => void = () => undefined;
  #frames: Buffer[] = [];
  /** What the broker closed the connection with. */
  failure: string | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const reader = new FrameReader({
      maxFrameBytes: 0,
      onFrame: (type, channel, payload) => this.#take(type, channel, payload),
    });
    socket.on("data", (chunk) => reader.push(chunk));
    socket.on("error", (error) => this.#fail(error.message));
    socket.on("close", () => this.#fail("the socket has ended"));
  }

  static async open(port: number): Promise<ClientConnection> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    const connection = new ClientConnection(socket);
    const opened = new Promise<void>((resolve) => {
      connection.#opened = resolve;
    });
    socket.write(protocolHeader);
    await opened;
    if (connection.failure !== undefined) throw new Error(connection.failure);
    return connection;
  }

  async channel(events: ChannelEvents): Promise<ClientChannel> {
    this.#lastNumber = (this.#lastNumber % 2_000) + 1;
    const number = this.#lastNumber;
    const channel = new ClientChannel(number, (...frames) => this.#write(frames), events);
    if (this.failure !== undefined) channel.end({ name: "closed", code: 0, text: this.failure });
    this.#channels.set(number, channel);
    await channel.call("channel.open", {});
    return channel;
  }

  async closeChannel(channel: ClientChannel): Promise<void> {
    await channel.call("channel.close", { replyCode: 200, replyText: "", classId: 0, methodId: 0 });
    channel.end({ name: "closed", code: 200, text: "by the client" });
    this.#channels.delete(channel.number);
  }

  close(): void {
    this.#socket.destroy();
  }

  /** What is written in one turn leaves as one piece. */
  #write(frames: readonly Buffer[]): void {
    if (this.#frames.length === 0)
      queueMicrotask(() => {
        this.#socket.write(Buffer.concat(this.#frames));
        this.#frames = [];
      });
    this.#frames.push(...frames);
  }

  #take(type: number, channel: number, payload: Buffer): void {
    if (type === frameTypes.heartbeat) return;
    if (channel === 0) this.#answer(payload);
    else this.#channels.get(channel)?.take(type, payload);
  }

  #answer(payload: Buffer): void {
    const method = decodeMethod(Buffer.from(payload));
    switch (method.name) {
      case "connection.start":
        return this.#write([
          methodFrame(0, "connection.start-ok", {
            clientProperties: fieldTable({ capabilities: table({ consumer_cancel_notify: boolean(true) }) }),
            mechanism: "PLAIN",
            response: Buffer.from("\0guest\0guest"),
            locale: "en_US",
          }),
        ]);
      case "connection.tune":
        return this.#write([
          methodFrame(0, "connection.tune-ok", { ...method.arguments, heartbeat: 0 }),
          methodFrame(0, "connection.open", { virtualHost: "/" }),
        ]);
      case "connection.open-ok":
        return this.#opened();
      case "connection.close":
        this.#fail(method.arguments.replyText);
        return this.#write([methodFrame(0, "connection.close-ok", {})]);
      default:
        throw new Error(`${method.name} came without being asked for`);
    }
  }

  #fail(reason: string): void {
    this.failure ??= reason;
    for (const channel of this.#channels.values())
      channel.end({ name: "closed", code: 0, text: this.failure });
    this.#opened();
  }
}
