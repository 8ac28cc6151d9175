import { createServer, Socket, type AddressInfo, type Server } from "node:net";
import { once } from "node:events";
import { FrameTap, type FrameObserver } from "./frame-tap.ts";
import { LinkFaults, type Directions } from "./link-faults.ts";
import { noFaults, type Direction, type PipeFaults } from "./pipe-faults.ts";
import { ProxiedConnection } from "./proxied-connection.ts";
import { seededRandom } from "../broker/faults/seeded-random.ts";
import type { WireObserver } from "./wire-observer.ts";

export interface FaultProxyOptions {
  /** What stands behind the proxy. `host` is `127.0.0.1` unless told otherwise. */
  readonly target: { readonly host?: string; readonly port: number };
  /** Where to listen on the loopback interface. @default 0 (any free port) */
  readonly port?: number;
  /** The seed of all jitter. @default 1 */
  readonly seed?: number;
}

/** What happens to a client that connects. */
type Admission =
  | { readonly kind: "forward" }
  | { readonly kind: "hold" }
  | { readonly kind: "answer"; readonly bytes: Buffer };

const forward: Admission = { kind: "forward" };

const httpAnswer = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/**
 * Starts a TCP proxy on a free loopback port which forwards every byte, until it is told to misbehave.
 *
 * ```ts
 * await using proxy = await startFaultProxy({ target: { port: 5672 } });
 * const connection = await connect(proxy.url("amqp://localhost"));
 * proxy.blackHole("toServer");
 * ```
 *
 * It knows nothing of AMQP (but see `frames`), so it stands as well in front of a database.
 */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const proxy = new FaultProxy(options);
  await proxy.listen(options.port ?? 0);
  return proxy;
}

/** See {@link startFaultProxy}. Its verbs apply to live connections and to those yet to come. */
export class FaultProxy extends LinkFaults implements AsyncDisposable {
  readonly host = "127.0.0.1";
  /** The same verbs, for connections that are yet to come only. */
  readonly newConnections: LinkFaults;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #random: () => number;
  readonly #live = new Set<ProxiedConnection>();
  readonly #sockets = new Set<Socket>();
  readonly #held: (() => void)[] = [];
  readonly #observers = new Set<WireObserver>();
  readonly #waiting: ((connection: ProxiedConnection) => void)[] = [];
  #faults: Record<Direction, PipeFaults> = { toServer: noFaults, toClient: noFaults };
  #admission: Admission = forward;
  #server: Server | undefined;
  #port = 0;
  #accepted = 0;

  constructor(options: FaultProxyOptions) {
    super();
    this.#target = { host: options.target.host ?? "127.0.0.1", port: options.target.port };
    this.#random = seededRandom(options.seed ?? 1);
    this.newConnections = new NewConnections((direction, change) => this.#spoilNew(direction, change));
  }

  get port(): number {
    return this.#port;
  }

  /** The live connections, oldest first. */
  get connections(): readonly ProxiedConnection[] {
    return [...this.#live];
  }

  /** How many connections were accepted since the start. */
  get acceptedCount(): number {
    return this.#accepted;
  }

  /** The same URL, by way of the proxy. */
  url(base: string): string {
    const url = new URL(base);
    url.hostname = this.host;
    url.port = String(this.#port);
    return url.href;
  }

  /** @internal */
  async listen(port: number): Promise<void> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client));
    this.#server = server;
    server.listen(port, this.host);
    await once(server, "listening");
    this.#port = (server.address() as AddressInfo).port;
  }

  /** A TCP reset of all live connections, at both ends. */
  reset(): void {
    for (const connection of this.#live) connection.reset();
  }

  /** An orderly end of stream for all live connections; in one direction it is a half-close. */
  fin(direction: Directions = "both"): void {
    for (const connection of this.#live) connection.fin(direction);
  }

  /** New connections are refused (`ECONNREFUSED`), live ones go on. */
  refuse(): void {
    this.#server?.close();
    this.#server = undefined;
  }

  /** New connections are accepted and then nothing: no byte goes either way until `heal()`. */
  holdHandshake(): void {
    this.#admission = { kind: "hold" };
  }

  /** New connections get these bytes and an end of stream, whatever they send; by default an HTTP response. */
  answer(bytes: string | Uint8Array = httpAnswer): void {
    this.#admission = { kind: "answer", bytes: Buffer.from(bytes as Uint8Array) };
  }

  /** Ends every fault. Bytes kept back are delivered, held handshakes go ahead, the port is open on return. */
  async heal(): Promise<void> {
    this.#faults = { toServer: noFaults, toClient: noFaults };
    this.#admission = forward;
    for (const connection of this.#live) connection.heal();
    for (const goAhead of this.#held.splice(0)) goAhead();
    if (this.#server === undefined) await this.listen(this.#port);
  }

  /** The next connection that is forwarded to the target, from now on. */
  nextConnection(): Promise<ProxiedConnection> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Shows the observer every byte that passes. The returned value stops it. */
  tap(observer: WireObserver): Disposable {
    this.#observers.add(observer);
    return { [Symbol.dispose]: () => void this.#observers.delete(observer) };
  }

  /** Reads the AMQP frames that pass, to count them and to wait for them. */
  frames(observer?: FrameObserver): FrameTap {
    return new FrameTap((wire) => this.tap(wire), observer);
  }

  /** Cuts every connection and gives the port back. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const connection of this.#live) connection.reset();
    for (const socket of this.#sockets) socket.destroy();
    if (server === undefined) return;
    const closed = once(server, "close");
    server.close();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  override spoil(direction: Direction, change: Partial<PipeFaults>): void {
    this.#spoilNew(direction, change);
    for (const connection of this.#live) connection.spoil(direction, change);
  }

  #spoilNew(direction: Direction, change: Partial<PipeFaults>): void {
    this.#faults = { ...this.#faults, [direction]: { ...this.#faults[direction], ...change } };
  }

  #accept(client: Socket): void {
    this.#accepted += 1;
    this.#sockets.add(client);
    client.on("close", () => this.#sockets.delete(client));
    client.on("error", () => undefined);
    const admission = this.#admission;
    switch (admission.kind) {
      case "forward":
        this.#forward(client, this.#accepted);
        break;
      case "hold": {
        const id = this.#accepted;
        this.#held.push(() => this.#forward(client, id));
        break;
      }
      case "answer":
        client.resume();
        client.end(admission.bytes);
        break;
    }
  }

  #forward(client: Socket, id: number): void {
    if (client.destroyed) return;
    const server = new Socket({ allowHalfOpen: true });
    server.setNoDelay(true);
    const connection: ProxiedConnection = new ProxiedConnection({
      id,
      client,
      server,
      faults: this.#faults,
      random: this.#random,
      passed: (direction, bytes) => {
        for (const observe of this.#observers) observe(bytes, direction, connection);
      },
    });
    this.#live.add(connection);
    void connection.closed.then(() => this.#live.delete(connection));
    server.connect(this.#target);
    for (const resolve of this.#waiting.splice(0)) resolve(connection);
  }
}

class NewConnections extends LinkFaults {
  override readonly spoil: LinkFaults["spoil"];

  constructor(spoil: LinkFaults["spoil"]) {
    super();
    this.spoil = spoil;
  }
}
