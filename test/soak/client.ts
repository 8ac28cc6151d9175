import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type FaultProxy, type RabbitMqNode, startFaultProxy } from "@warren/testing";
import { processEnd, type ProcessEnd } from "../faults/checkers/process-end.ts";
import type { ClientCommand, ClientOrders, ClientReport } from "./client-orders.ts";
import { WireInFlight } from "./wire-in-flight.ts";

export interface Sample extends Pick<ClientReport, "rssBytes" | "heapBytes"> {
  readonly atMs: number;
}

const lookEveryMs = 50;

/** What a process says that is started while the broker is down. */
const expected = /\[WARREN_CONNECT\]|^\(Use `node --trace-warnings/;

/** A client process of the soak, with a proxy of its own in front of each node; killed and started at will. */
export class Client implements AsyncDisposable {
  readonly name: string;
  readonly wire = new WireInFlight();
  /** Of this life of the process. */
  samples: Sample[] = [];
  report: ClientReport | undefined;
  killCount = 0;
  /** The highest number that any of its lives has come to. */
  reached = 0;
  /** What its processes wrote to standard error, and ends that nobody asked for. */
  readonly complaints: string[] = [];
  readonly #program: string;
  readonly #orders: ClientOrders;
  readonly #nodes: readonly RabbitMqNode[];
  readonly #proxies: readonly FaultProxy[];
  #child: ChildProcess | undefined;
  #until = -1;

  private constructor(
    program: string,
    orders: ClientOrders,
    nodes: readonly RabbitMqNode[],
    proxies: readonly FaultProxy[],
  ) {
    this.name = orders.name;
    this.#program = program;
    this.#orders = orders;
    this.#nodes = nodes;
    this.#proxies = proxies;
    for (const proxy of proxies) proxy.frames(this.wire.frame);
  }

  static async start<Orders extends ClientOrders>(
    program: string,
    nodes: readonly RabbitMqNode[],
    orders: Omit<Orders, "urls">,
  ): Promise<Client> {
    const proxies = await Promise.all(nodes.map((target) => startFaultProxy({ target })));
    const urls = proxies.map((proxy, index) => proxy.url(nodes[index]!.url));
    const client = new Client(program, { ...orders, urls }, nodes, proxies);
    client.#spawn();
    return client;
  }

  get ledger(): string {
    return this.#orders.ledger;
  }

  /** How many connections this client has made, all its lives together. */
  get connectionCount(): number {
    return this.#proxies.reduce((sum, { acceptedCount }) => sum + acceptedCount, 0);
  }

  /** A TCP reset of all its sockets. */
  reset(): void {
    for (const proxy of this.#proxies) proxy.reset();
    this.wire.cut();
  }

  /** Fulfilled once the process is connected. */
  async working(): Promise<void> {
    while (this.report === undefined) await setTimeout(lookEveryMs);
  }

  /** SIGKILL, and a new process once the broker has been told that the sockets of this one are gone. */
  async kill(): Promise<void> {
    const child = this.#child!;
    this.killCount++;
    this.#child = undefined;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
    await Promise.all(this.#proxies.flatMap(({ connections }) => connections.map(({ closed }) => closed)));
    this.#spawn();
  }

  /** Fulfilled once no connection to that node, which is dead, is left of those that there were. */
  async lost(node: RabbitMqNode): Promise<void> {
    const proxy = this.#proxies[this.#nodes.indexOf(node)];
    await Promise.all((proxy?.connections ?? []).map(({ closed }) => closed));
  }

  /** Publishers go no further than this number. */
  allow(until: number): void {
    this.#until = until;
    this.#tell({ until });
  }

  /** Has it close its clients; ends when the process has, by itself, or after `timeoutMs` by force. */
  async stop(timeoutMs: number): Promise<ProcessEnd> {
    const child = this.#child!;
    const late = AbortSignal.timeout(timeoutMs);
    late.addEventListener("abort", () => child.kill("SIGKILL"));
    const end = await processEnd(child, () => {
      this.#child = undefined;
      child.send("stop" satisfies ClientCommand);
    });
    return end;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    child?.kill("SIGKILL");
    await Promise.all(this.#proxies.map((proxy) => proxy.close()));
  }

  #spawn(): void {
    const file = fileURLToPath(new URL(this.#program, import.meta.url));
    const { NODE_EXTRA_CA_CERTS: _slow, ...env } = process.env;
    const flags = ["--import", "tsx", "--conditions=dev"];
    const child = spawn(process.execPath, [...flags, file, JSON.stringify(this.#orders)], {
      env,
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#child = child;
    this.report = undefined;
    this.samples = [];
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      for (const line of text.split("\n"))
        if (line.trim() !== "" && !expected.test(line)) this.complaints.push(`${this.name}: ${line}`);
    });
    child.on("message", (told) => {
      // A killed one's last words are not about its successor.
      const report = told as ClientReport;
      if (child !== this.#child && !report.closed) return;
      this.report = report;
      this.reached = Math.max(this.reached, report.reached);
      this.samples.push({ atMs: performance.now(), rssBytes: report.rssBytes, heapBytes: report.heapBytes });
    });
    child.once("exit", (code, signal) => {
      if (child === this.#child) this.complaints.push(`${this.name}: ended by itself with ${code ?? signal}`);
    });
    this.allow(this.#until);
  }

  #tell(command: ClientCommand): void {
    if (this.#child?.connected === true) this.#child.send(command);
  }
}
