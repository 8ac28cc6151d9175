import type { Socket } from "node:net";
import { AmqpError, replyNames } from "../amqp-error.ts";
import { FrameReader } from "../codec/frame-reader.ts";
import { frameTypes, methodFrame, protocolHeader } from "../codec/frames.ts";
import { methodTable, type MethodArguments, type MethodName } from "../codec/method-table.ts";
import { decodeMethod, methodName } from "../codec/methods.ts";
import type { Alarm } from "../clock.ts";
import type { BrokerContext } from "./broker-context.ts";
import { refusalOf } from "./greeting.ts";
import { Handshake, type Agreement } from "./handshake.ts";
import type { Channel } from "./channel.ts";
import type { ConnectionControl } from "./interference.ts";
import { OpenConnection } from "./open-connection.ts";
import { Reading } from "./reading.ts";
import { SocketWriter } from "./socket-writer.ts";

const handshakeLimitMs = 10_000;
const closeLimitMs = 30_000;
/** Login, unexpected frame, virtual host. Everything else ends a handshake without a word. */
const toldInHandshakes: ReadonlySet<number> = new Set([403, 505, 530]);

export interface BrokerConnectionOptions {
  readonly socket: Socket;
  readonly broker: BrokerContext;
  readonly certificateName: string | undefined;
  readonly onClosed: () => void;
}

/**
 * - greeting: until eight bytes have come. Anything but AMQP 0-9-1 is answered with the version that is spoken here.
 * - handshake: until `connection.open`, within ten seconds of the greeting's beginning.
 * - open: until either side closes it, or the socket ends.
 * - closing: closed by the broker; everything but the client's answer is ignored. Left after half a minute at the latest.
 * - deaf: as closing, but the client's frames can no longer be told apart: whatever it sends next is its answer.
 * - closed: all that it held has been given back.
 */
type State =
  | { readonly at: "greeting"; readonly bytes: Buffer }
  | { readonly at: "handshake"; readonly handshake: Handshake }
  | { readonly at: "open"; readonly connection: OpenConnection }
  | { readonly at: "closing" | "deaf" | "closed" };

/** One client's socket, from its first byte to its last. */
export class BrokerConnection implements ConnectionControl {
  readonly name: string;
  readonly connectedAtMs: number;
  readonly #socket: Socket;
  readonly #broker: BrokerContext;
  readonly #options: BrokerConnectionOptions;
  readonly #reading: Reading;
  readonly #writer: SocketWriter;
  readonly #reader: FrameReader;
  #state: State = { at: "greeting", bytes: Buffer.alloc(0) };
  #deadline: Alarm;
  #frozen = false;

  constructor(options: BrokerConnectionOptions) {
    const { socket, broker } = options;
    this.#options = options;
    this.#socket = socket;
    this.#broker = broker;
    this.name = `${socket.remoteAddress}:${socket.remotePort} -> ${socket.localAddress}:${socket.localPort}`;
    this.connectedAtMs = broker.clock.now();
    const reading = new Reading(socket);
    this.#reading = reading;
    this.#writer = new SocketWriter({
      socket,
      reading,
      onRoom: () => this.#open?.wakeConsumers(),
      cut: (bytes) => broker.interference.writing?.(this, bytes),
    });
    this.#reader = new FrameReader({
      maxFrameBytes: broker.frameMaxBytes,
      onFrame: (type, channel, payload) => this.#frame(type, channel, payload),
    });
    this.#deadline = broker.clock.schedule(handshakeLimitMs, () => this.#tooLate());
    socket.setNoDelay(true);
    broker.interference.connecting?.(this);
    socket.on("data", (chunk) => this.#read(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => this.#gone());
  }

  get user(): string {
    return this.#open?.user ?? "";
  }

  get vhost(): string {
    return this.#open?.vhost.name ?? "";
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  get isEncrypted(): boolean {
    return "encrypted" in this.#socket;
  }

  get isBlocked(): boolean {
    return this.#open?.isBlocked ?? false;
  }

  /** Once it is open. */
  get agreement(): Agreement | undefined {
    return this.#open?.agreement;
  }

  get channels(): readonly Channel[] {
    return this.#open?.openChannels ?? [];
  }

  close(replyCode: number, replyText: string): void {
    if (this.#state.at === "open") this.#closeWith(replyCode, replyText, undefined);
    else this.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
    this.#gone();
  }

  block(reason: string | undefined): void {
    this.#open?.block(reason);
  }

  freeze(frozen: boolean): void {
    if (frozen === this.#frozen || this.#state.at === "closed") return;
    this.#frozen = frozen;
    this.#writer.hold(frozen);
    this.#open?.freeze(frozen);
    if (frozen) this.#reading.stop("frozen");
    else this.#reading.resume("frozen");
  }

  get #open(): OpenConnection | undefined {
    return this.#state.at === "open" ? this.#state.connection : undefined;
  }

  #read(chunk: Buffer): void {
    switch (this.#state.at) {
      case "greeting":
        return this.#greet(Buffer.concat([this.#state.bytes, chunk]));
      case "deaf":
        return this.#end();
      case "closed":
        return undefined;
      default:
        this.#open?.heard();
        this.#readFrames(chunk);
    }
  }

  #readFrames(chunk: Buffer): void {
    try {
      this.#reader.push(chunk);
    } catch (error) {
      if (this.#state.at === "open") this.#fail(error, undefined);
      else this.destroy();
      if (this.#state.at === "closing") this.#state = { at: "deaf" };
    }
  }

  #greet(bytes: Buffer): void {
    if (bytes.length < protocolHeader.length) {
      this.#state = { at: "greeting", bytes };
      return;
    }
    const refusal = refusalOf(bytes.subarray(0, protocolHeader.length), this.#broker.rules);
    if (refusal !== undefined) {
      this.#writer.write(refusal);
      this.#end();
      return;
    }
    const { certificateName } = this.#options;
    const handshake = new Handshake({
      broker: this.#broker,
      certificateName,
      send: (name, args) => this.#send(name, args),
    });
    this.#state = { at: "handshake", handshake };
    if (bytes.length > protocolHeader.length) this.#readFrames(bytes.subarray(protocolHeader.length));
  }

  #frame(type: number, channel: number, payload: Buffer): void {
    switch (this.#state.at) {
      case "handshake":
        return this.#shakeHands(this.#state.handshake, type, channel, payload);
      case "open":
        return this.#state.connection.receive(type, channel, payload);
      case "closing":
        return this.#awaitAnswer(type, channel, payload);
      default:
    }
  }

  #shakeHands(handshake: Handshake, type: number, channel: number, payload: Buffer): void {
    if (type === frameTypes.heartbeat) return;
    try {
      if (type !== frameTypes.method || channel !== 0) throw handshake.refusalOf(type, payload);
      const agreement = handshake.receive(decodeMethod(payload));
      if (agreement !== undefined) this.#opened(agreement);
    } catch (error) {
      if (!(error instanceof AmqpError) || !toldInHandshakes.has(error.replyCode)) this.destroy();
      else this.#fail(error, error.replyCode === 530 ? "connection.open" : undefined);
    }
  }

  #opened(agreement: Agreement): void {
    this.#deadline.cancel();
    this.#reader.maxFrameBytes = agreement.frameMaxBytes;
    const connection = new OpenConnection({
      agreement,
      control: this,
      broker: this.#broker,
      reading: this.#reading,
      writer: this.#writer,
      onClose: () => this.#closeAsAsked(),
      onError: (error, method) => this.#fail(error, method),
      onSilence: () => this.destroy(),
    });
    this.#state = { at: "open", connection };
    this.#broker.interference.opened?.(this);
  }

  #awaitAnswer(type: number, channel: number, payload: Buffer): void {
    if (type !== frameTypes.method || channel !== 0) return;
    const method = methodName(payload);
    if (method === "connection.close") this.#send("connection.close-ok", {});
    if (method === "connection.close" || method === "connection.close-ok") this.#end();
  }

  #closeAsAsked(): void {
    this.#open?.finish();
    this.#send("connection.close-ok", {});
    this.#end();
  }

  /** What is no AmqpError is a fault of this broker: better seen than swallowed. */
  #fail(error: unknown, method: MethodName | undefined): void {
    const { replyCode, replyText } =
      error instanceof AmqpError ? error : new AmqpError(541, error instanceof Error ? error.message : "");
    this.#closeWith(replyCode, replyText, replyCode === 541 ? undefined : method);
  }

  #closeWith(replyCode: number, replyText: string, method: MethodName | undefined): void {
    const open = this.#open;
    this.#state = { at: "closing" };
    open?.release();
    const { classId, methodId } = method === undefined ? { classId: 0, methodId: 0 } : methodTable[method];
    this.#send("connection.close", { replyCode, replyText, classId, methodId });
    this.#allow(closeLimitMs);
  }

  #send<N extends MethodName>(name: N, args: MethodArguments<N>): void {
    this.#writer.write(methodFrame(0, name, args));
  }

  /** A client that does not end its side in turn is cut off. */
  #end(): void {
    this.#state = { at: "closed" };
    this.#writer.end();
    this.#allow(closeLimitMs);
  }

  #allow(limitMs: number): void {
    this.#deadline.cancel();
    this.#deadline = this.#broker.clock.schedule(limitMs, () => this.#tooLate());
  }

  /** Whoever is frozen cuts nobody off. */
  #tooLate(): void {
    if (this.#frozen) this.#allow(handshakeLimitMs);
    else this.destroy();
  }

  /** The socket is no more, by whoever's doing. */
  #gone(): void {
    const open = this.#open;
    this.#state = { at: "closed" };
    this.#deadline.cancel();
    open?.release();
    this.#options.onClosed();
  }
}

/** The text of a close that nobody's mistake has caused. */
export function forced(text: string): string {
  return `${replyNames[320]} - ${text}`;
}
