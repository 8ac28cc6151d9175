import { once } from "node:events";
import { connect, type Socket } from "node:net";
import {
  FrameReader,
  frameType,
  longString,
  method,
  methodFrame,
  shortString,
  uint16,
  uint32,
} from "./frames.ts";

export const channelNumber = 1;
const frameMaxBytes = 131_072;

export type OnMethod = (id: number, bytes: Buffer, offset: number) => void;
export type OnContent = (type: number, bytes: Buffer, start: number, end: number) => void;

/** A socket that has done AMQP's handshake and opened one channel, and nothing else. */
export class RawChannel {
  readonly socket: Socket;
  onMethod: OnMethod = () => {};
  onContent: OnContent = () => {};
  #expected:
    | { readonly id: number; readonly resolve: () => void; readonly reject: (error: Error) => void }
    | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    const reader = new FrameReader((type, bytes, start, end) => {
      if (type === frameType.method) this.#method(bytes.readUInt32BE(start), bytes, start + 4);
      else this.onContent(type, bytes, start, end);
    });
    socket.on("data", (chunk: Buffer) => {
      reader.push(chunk);
    });
    socket.on("error", (error) => {
      this.#expected?.reject(error);
    });
  }

  static async open(url: string): Promise<RawChannel> {
    const { hostname, port, username, password, pathname } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port || 5672), noDelay: true });
    await once(socket, "connect");
    const channel = new RawChannel(socket);
    const user = decodeURIComponent(username || "guest");
    const secret = decodeURIComponent(password || "guest");
    const vhost = pathname.length > 1 ? decodeURIComponent(pathname.slice(1)) : "/";

    await channel.call(Buffer.from("AMQP\0\0\u0009\u0001", "latin1"), method.connectionStart);
    const startOk = [
      uint32(0),
      shortString("PLAIN"),
      longString(`\0${user}\0${secret}`),
      shortString("en_US"),
    ];
    await channel.call(methodFrame(0, method.connectionStartOk, ...startOk), method.connectionTune);
    socket.write(methodFrame(0, method.connectionTuneOk, uint16(16), uint32(frameMaxBytes), uint16(0)));
    const open = methodFrame(0, method.connectionOpen, shortString(vhost), Buffer.of(0, 0));
    await channel.call(open, method.connectionOpenOk);
    await channel.call(methodFrame(channelNumber, method.channelOpen, Buffer.of(0)), method.channelOpenOk);
    return channel;
  }

  /** Writes the request and resolves when the broker's next method is the reply. */
  async call(request: Buffer, reply: number): Promise<void> {
    const answered = new Promise<void>((resolve, reject) => {
      this.#expected = { id: reply, resolve, reject };
    });
    this.socket.write(request);
    await answered;
  }

  async close(): Promise<void> {
    const goodbye = [uint16(200), shortString("done"), uint32(0)];
    await this.call(methodFrame(0, method.connectionClose, ...goodbye), method.connectionCloseOk);
    this.socket.destroy();
  }

  #method(id: number, bytes: Buffer, offset: number): void {
    if (this.#expected?.id === id) {
      const { resolve } = this.#expected;
      this.#expected = undefined;
      resolve();
    } else if (id === method.connectionClose || id === method.channelClose) {
      const textLength = bytes[offset + 2] ?? 0;
      const text = bytes.toString("utf8", offset + 3, offset + 3 + textLength);
      this.socket.destroy(new Error(`the broker closed it: ${bytes.readUInt16BE(offset)} ${text}`));
    } else {
      this.onMethod(id, bytes, offset);
    }
  }
}
