import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { once } from "node:events";

/** Peers on free ports that say what a test wants them to say. */
export class FakePeers {
  readonly #servers = new Set<Server>();
  readonly #sockets = new Set<Socket>();

  /** @returns the port. */
  async listen(accept: (socket: Socket) => void): Promise<number> {
    const server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.resume();
      accept(socket);
    });
    this.#servers.add(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  }

  /** Answers the protocol header, start-ok, tune-ok with open, and whatever comes next, in this order. */
  answering(answers: readonly Buffer[]): Promise<number> {
    return this.listen((socket) => {
      let next = 0;
      socket.on("data", () => {
        const answer = answers[next++];
        if (answer !== undefined) socket.write(answer);
      });
    });
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers) server.close();
    this.#sockets.clear();
    this.#servers.clear();
  }
}

/** A frame with a method of class connection (10). */
export function methodFrame(method: number, fields: Buffer): Buffer {
  const header = Buffer.alloc(11);
  header[0] = 1;
  header.writeUInt32BE(4 + fields.length, 3);
  header.writeUInt16BE(10, 7);
  header.writeUInt16BE(method, 9);
  return Buffer.concat([header, fields, Buffer.of(0xce)]);
}

export const start: Buffer = methodFrame(
  10,
  Buffer.concat([Buffer.of(0, 9, 0, 0, 0, 0), long("PLAIN"), long("en_US")]),
);
export const tune: Buffer = methodFrame(30, Buffer.of(0x07, 0xff, 0, 2, 0, 0, 0, 60));
export const openOk: Buffer = methodFrame(41, Buffer.of(0));

export function close(replyCode: number, replyText: string): Buffer {
  const code = Buffer.alloc(2);
  code.writeUInt16BE(replyCode);
  return methodFrame(
    50,
    Buffer.concat([code, Buffer.of(replyText.length), Buffer.from(replyText), Buffer.alloc(4)]),
  );
}

function long(text: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, Buffer.from(text)]);
}
