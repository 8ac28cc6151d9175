import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { BrokerConnection, forced } from "./broker-connection.ts";
import type { BrokerContext } from "./broker-context.ts";

/** How long clients have to answer when the broker closes. */
const goodbyeMs = 500;
const tlsHandshakeMs = 10_000;

export interface BrokerServerOptions {
  readonly broker: BrokerContext;
  readonly host: string;
  readonly port: number;
  readonly tls: { readonly key: string; readonly cert: string; readonly ca?: string } | undefined;
}

/** Listens, and keeps the connections. */
export class BrokerServer {
  readonly #server: Server;
  readonly #broker: BrokerContext;
  readonly #connections = new Set<BrokerConnection>();
  /** Those in a TLS handshake, too. */
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, broker: BrokerContext) {
    this.#server = server;
    this.#broker = broker;
  }

  static async listen({ broker, host, port, tls }: BrokerServerOptions): Promise<BrokerServer> {
    let server: Server;
    if (tls === undefined) server = createServer();
    else {
      // Not loaded where nobody asks for it: it takes longer than everything else.
      const { createServer } = await import("node:tls");
      server = createServer({ ...tls, requestCert: tls.ca !== undefined, handshakeTimeout: tlsHandshakeMs });
    }
    const self = new BrokerServer(server, broker);
    server.on(tls === undefined ? "connection" : "secureConnection", (socket: Socket) => {
      self.#accept(socket, tls?.ca === undefined ? undefined : commonName(socket as TLSSocket));
    });
    server.prependListener("connection", (socket: Socket) => {
      if (broker.interference.accepting?.() === "reset") socket.resetAndDestroy();
      self.#sockets.add(socket);
      socket.on("close", () => self.#sockets.delete(socket));
    });
    // A handshake that fails is the client's to report.
    server.on("tlsClientError", () => undefined);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port }, resolve);
    });
    return self;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Those that have come through the handshake. */
  get connections(): readonly BrokerConnection[] {
    return [...this.#connections].filter(({ isOpen }) => isOpen);
  }

  /** Those in the midst of it, too. */
  get everyConnection(): readonly BrokerConnection[] {
    return [...this.#connections];
  }

  /** Tells every client, gives each a moment to answer, and destroys what is left. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const connection of this.#connections)
      connection.close(320, forced("broker forced connection closure with reason 'shutdown'"));
    const deadline = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, goodbyeMs);
    await closed;
    clearTimeout(deadline);
    // The server is closed a moment before its last sockets say that they are.
    for (const connection of this.#connections) connection.destroy();
  }

  #accept(socket: Socket, certificateName: string | undefined): void {
    if (socket.destroyed) return;
    const connection: BrokerConnection = new BrokerConnection({
      socket,
      broker: this.#broker,
      certificateName,
      onClosed: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
  }
}

function commonName(socket: TLSSocket): string {
  const { subject } = socket.getPeerCertificate();
  return typeof subject?.CN === "string" ? subject.CN : "";
}
