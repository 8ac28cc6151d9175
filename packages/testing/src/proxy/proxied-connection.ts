import type { Socket } from "node:net";
import { LinkFaults, type Directions } from "./link-faults.ts";
import { noFaults, type CutKind, type Direction, type PipeFaults } from "./pipe-faults.ts";
import { Pipe } from "./pipe.ts";

export interface ProxiedConnectionParts {
  readonly id: number;
  readonly client: Socket;
  readonly server: Socket;
  readonly faults: Readonly<Record<Direction, PipeFaults>>;
  readonly random: () => number;
  readonly passed: (direction: Direction, bytes: Buffer) => void;
}

/** One client's connection through the proxy, with its own faults on top of the proxy's. */
export class ProxiedConnection extends LinkFaults {
  /** 1 for the first connection that the proxy accepted. */
  readonly id: number;
  /** Fulfilled once both sockets are closed, however that came about. */
  readonly closed: Promise<void>;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #pipes: Readonly<Record<Direction, Pipe>>;

  constructor(parts: ProxiedConnectionParts) {
    super();
    const { client, server, random } = parts;
    this.id = parts.id;
    this.#client = client;
    this.#server = server;
    const pipe = (direction: Direction, from: Socket, to: Socket): Pipe =>
      new Pipe(from, to, parts.faults[direction], {
        random,
        passed: (bytes) => parts.passed(direction, bytes),
        cut: (kind) => this.#cut(kind),
        broke: () => this.reset(),
      });
    this.#pipes = { toServer: pipe("toServer", client, server), toClient: pipe("toClient", server, client) };
    this.closed = Promise.all([closing(client), closing(server)]).then(() => this.#stop());
  }

  /** How many bytes were handed on in a direction. */
  passedBytes(direction: Direction): number {
    return this.#pipes[direction].passedBytes;
  }

  /** How many bytes a fault keeps back in a direction. */
  heldBytes(direction: Direction): number {
    return this.#pipes[direction].heldBytes;
  }

  /** A TCP reset at both ends, at once: bytes on their way are lost. */
  reset(): void {
    this.#stop();
    for (const socket of [this.#client, this.#server]) {
      if (!socket.destroyed) socket.resetAndDestroy();
    }
  }

  /** An orderly end of stream. `"toClient"` half-closes: what the client still sends goes on to the server. */
  fin(direction: Directions = "both"): void {
    if (direction !== "toServer") this.#client.end();
    if (direction !== "toClient") this.#server.end();
  }

  heal(): void {
    this.#pipes.toServer.change(noFaults);
    this.#pipes.toClient.change(noFaults);
  }

  override spoil(direction: Direction, change: Partial<PipeFaults>): void {
    this.#pipes[direction].change(change);
  }

  #cut(kind: CutKind): void {
    if (kind === "reset") this.reset();
    else this.fin();
  }

  #stop(): void {
    this.#pipes.toServer.stop();
    this.#pipes.toClient.stop();
  }
}

function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once("close", () => resolve());
  });
}
