import { join } from "node:path";
import { LaunchError } from "../launch-error.ts";
import { OwnedProcess } from "../owned-process.ts";
import { within } from "../within.ts";
import { greet } from "./broker-probe.ts";
import type { Certificate, CertificateAuthority } from "./certificates.ts";
import type { Installation } from "./installation.ts";
import { NodeControl } from "./node-control.ts";
import type { NodePlan } from "./node-files.ts";

/** What a client needs to connect to the TLS listener. */
export interface TlsAccess {
  readonly port: number;
  readonly url: string;
  readonly caFile: string;
  /** A client certificate with the common name `guest`. */
  readonly client: Certificate;
  /** Signs whatever else a test needs: other names, expired ones. */
  readonly authority: CertificateAuthority;
}

export interface RabbitMqNodeParts {
  readonly plan: NodePlan;
  readonly installation: Installation;
  /** The folder of its `rabbitmq-server`. */
  readonly scripts: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly tls: TlsAccess | undefined;
  /** Ends what the node needed beside itself and removes its files. */
  readonly cleanUp: () => Promise<void>;
}

/**
 * A RabbitMQ of one's own. It listens on the loopback interface only, and ends with this process however that ends.
 *
 * | it is | entered by | what holds |
 * |---|---|---|
 * | stopped | `kill()`, `stop()` | nothing listens; the data is kept for `start()` |
 * | running | `start()`, `resume()` | ready for connections |
 * | paused | `pause()` | connections stay open and silent |
 * | closed | `close()` | the data is gone |
 */
export class RabbitMqNode extends NodeControl implements AsyncDisposable {
  readonly host = "127.0.0.1";
  readonly port: number;
  /** With user `guest` and password `guest`. */
  readonly url: string;
  /** The management plugin's HTTP API, if that plugin was asked for. */
  readonly managementUrl: string | undefined;
  readonly version: string;
  /** Erlang's name of the node. */
  readonly name: string;
  readonly tls: TlsAccess | undefined;
  readonly #parts: RabbitMqNodeParts;
  #process: OwnedProcess | undefined;

  constructor(parts: RabbitMqNodeParts) {
    const { ports, name, cookie, folder, options } = parts.plan;
    const { environment, installation, scripts } = parts;
    super({ name, cookie, folder, scripts, environment, release: options.version }, installation);
    this.#parts = parts;
    this.port = ports.amqp;
    this.url = `amqp://guest:guest@${this.host}:${ports.amqp}`;
    this.managementUrl =
      ports.management === undefined ? undefined : `http://guest:guest@${this.host}:${ports.management}`;
    this.version = installation.version;
    this.name = name;
    this.tls = parts.tls;
  }

  /** The process id of the Erlang VM, while there is one. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts it with the data it had; on return it takes connections. */
  async start(): Promise<void> {
    if (this.#process !== undefined) return;
    const { installation, scripts, environment, plan } = this.#parts;
    const node = new OwnedProcess({
      name: `RabbitMQ ${this.version}`,
      command: installation.program(join(scripts, "rabbitmq-server")),
      cwd: plan.folder,
      environment,
    });
    this.#process = node;
    void this.#forget(node);
    try {
      await within(plan.options.startTimeoutMs, `RabbitMQ ${this.version}`, node.prints("completed with"));
      if ((await greet(this.port)) === undefined)
        throw new LaunchError(`RabbitMQ does not answer on port ${this.port}`);
    } catch (error) {
      await node.kill();
      throw error;
    }
  }

  async #forget(node: OwnedProcess): Promise<void> {
    await node.exited;
    if (this.#process === node) this.#process = undefined;
  }

  /** Stops it in order: clients get 320 CONNECTION_FORCED. The data is kept. */
  async stop(): Promise<void> {
    const node = this.#process;
    if (node === undefined) return;
    node.signal("SIGTERM");
    // A paused process would not hear it.
    node.signal("SIGCONT");
    await node.exited;
  }

  /** SIGKILL: no goodbye to anyone. The data is kept, as far as it was on disk. */
  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** SIGSTOP: its sockets stay open and nothing answers. */
  pause(): void {
    this.#process?.signal("SIGSTOP");
  }

  /** Ends a pause. */
  resume(): void {
    this.#process?.signal("SIGCONT");
  }

  /** Fulfilled once it answers the AMQP handshake. */
  async waitUntilReady(): Promise<void> {
    const { startTimeoutMs } = this.#parts.plan.options;
    const deadline = performance.now() + startTimeoutMs;
    while ((await greet(this.port)) === undefined) {
      if (this.#process === undefined) throw new LaunchError(`RabbitMQ ${this.name} is not running`);
      if (performance.now() > deadline)
        throw new LaunchError(`RabbitMQ ${this.name} was not ready after ${startTimeoutMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Ends it and removes its data. */
  async close(): Promise<void> {
    await this.kill();
    await this.#parts.cleanUp();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
