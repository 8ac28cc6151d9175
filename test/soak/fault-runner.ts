import { setTimeout } from "node:timers/promises";
import type { Client } from "./client.ts";
import type { PlannedFault } from "./fault-plan.ts";
import type { SoakedBroker } from "./soaked-broker.ts";
import { prefetch, publishWindow } from "./soak-topology.ts";
import type { CopyLimits } from "./soak-account.ts";
import type { InFlight } from "./wire-in-flight.ts";

export interface Hit {
  readonly fault: PlannedFault;
  /** What it hit: a node, a process, all sockets. */
  readonly target: string;
  /** In the whole soak at that moment, as the wire tells. */
  readonly inFlight: InFlight;
  /** Publishes of the killed process if it is a publisher, else its deliveries; undefined if no process was killed. */
  readonly ofVictim: number | undefined;
}

interface Cast {
  readonly broker: SoakedBroker;
  readonly publishers: readonly Client[];
  readonly consumers: readonly Client[];
  readonly queueCount: number;
  /** Called while there is nothing in flight to hit: the publishers may need to be let go on. */
  readonly starving: () => void;
}

const lookEveryMs = 1;
/** After so long a fault takes what is in flight, if it is one publish and one delivery. */
const patienceMs = 3_000;
const everySecondMs = 1_000;
const trafficTimeoutMs = 60_000;
const longestAlarmMs = 2_500;
const blockedTimeoutMs = 5_000;
const goOnEveryMs = 200;

/** Makes the faults happen, each only while a publish and a delivery are in flight. */
export class FaultRunner {
  readonly hits: Hit[] = [];
  #restarting: Promise<void> = Promise.resolve();
  #publishLimit = 0;
  #deliveryLimit = 0;
  readonly #cast: Cast;

  constructor(cast: Cast) {
    this.#cast = cast;
  }

  /** Fulfilled once the broker is whole again. */
  async whole(): Promise<void> {
    await this.#restarting;
    await this.#cast.broker.whole();
  }

  get inFlight(): InFlight {
    const { publishers, consumers } = this.#cast;
    return {
      publishes: publishers.reduce((sum, { wire }) => sum + wire.now.publishes, 0),
      deliveries: consumers.reduce((sum, { wire }) => sum + wire.now.deliveries, 0),
    };
  }

  get limits(): CopyLimits {
    return { publishes: this.#publishLimit, deliveries: this.#deliveryLimit };
  }

  /** One fault. Returns what it hit once the way is free for the next one; undefined if there was nothing to hit. */
  async run(fault: PlannedFault): Promise<Hit | undefined> {
    const hit = await this.#run(fault);
    if (hit === undefined || hit.inFlight.publishes === 0 || hit.inFlight.deliveries === 0) return undefined;
    this.hits.push(hit);
    return hit;
  }

  async #run(fault: PlannedFault): Promise<Hit | undefined> {
    switch (fault.kind) {
      case "broker kill -9":
        return this.#killBroker(fault);
      case "client SIGKILL":
        return this.#killClient(fault);
      case "reset":
        return this.#reset(fault);
      case "memory alarm":
        return this.#alarm(fault);
    }
  }

  async #killBroker(fault: PlannedFault): Promise<Hit | undefined> {
    const { broker, publishers, consumers } = this.#cast;
    await this.whole();
    const node = await broker.victim(fault.victim);
    if (!(await this.#traffic(fault))) return undefined;
    const { inFlight } = this;
    const killed = node.kill();
    this.#everyoneLoses();
    await killed;
    // Or what this fault has hit would seem to be in flight for the next one.
    await Promise.all([...publishers, ...consumers].map((client) => client.lost(node)));
    const started = node.start();
    // The rest of a cluster works on meanwhile, and has other faults.
    if (broker.nodes.length === 1) await started;
    else this.#restarting = started;
    return { fault, target: node.name, inFlight, ofVictim: undefined };
  }

  async #killClient(fault: PlannedFault): Promise<Hit | undefined> {
    const { publishers, consumers, queueCount } = this.#cast;
    const publishes = fault.victim < 0.5;
    // Never the first of them.
    const killable = (publishes ? publishers : consumers).slice(1);
    const victim = killable[Math.floor(((fault.victim * 2) % 1) * killable.length)]!;
    // It may be just starting, after its last kill.
    await victim.working();
    const own = (): number => (publishes ? victim.wire.now.publishes : victim.wire.now.deliveries);
    if (!(await this.#traffic(fault, () => own() > 0))) return undefined;
    const { inFlight } = this;
    const ofVictim = own();
    const killed = victim.kill();
    // What a publisher takes with it nobody publishes again.
    if (!publishes) this.#deliveryLimit += prefetch * queueCount;
    await killed;
    return { fault, target: victim.name, inFlight, ofVictim };
  }

  async #reset(fault: PlannedFault): Promise<Hit | undefined> {
    if (!(await this.#traffic(fault))) return undefined;
    const { inFlight } = this;
    for (const client of [...this.#cast.publishers, ...this.#cast.consumers]) client.reset();
    this.#everyoneLoses();
    return { fault, target: "all sockets", inFlight, ofVictim: undefined };
  }

  /** What counts is in flight when the broker says that it blocks. */
  async #alarm(fault: PlannedFault): Promise<Hit | undefined> {
    const { publishers, broker } = this.#cast;
    const node = broker.nodes[Math.floor(fault.victim * broker.nodes.length)]!;
    await this.whole();
    if (!(await this.#traffic(fault))) return undefined;
    let inFlight: InFlight = { publishes: 0, deliveries: 0 };
    const blocked = Promise.race(
      publishers.map(
        ({ wire }) =>
          new Promise<void>((resolve) => {
            wire.blocked = () => {
              // Of the first one that is blocked.
              if (inFlight.publishes === 0) inFlight = this.inFlight;
              resolve();
            };
          }),
      ),
    );
    // The order to the broker takes its time: publishes have to go on until it blocks them.
    const going = setInterval(() => this.#cast.starving(), goOnEveryMs);
    await node.memoryAlarm(true);
    try {
      await Promise.race([blocked, setTimeout(blockedTimeoutMs, undefined, { ref: false })]);
      clearInterval(going);
      await setTimeout(fault.length * longestAlarmMs);
    } finally {
      clearInterval(going);
      await node.memoryAlarm(false);
      for (const { wire } of publishers) wire.blocked = () => undefined;
    }
    return { fault, target: node.name, inFlight, ofVictim: undefined };
  }

  /**
   * Fulfilled in the very turn in which as much is in flight as the fault wants, and the other condition holds; with
   * `false` if that does not come.
   */
  async #traffic(fault: PlannedFault, too: () => boolean = () => true): Promise<boolean> {
    const { publishers, consumers, queueCount } = this.#cast;
    const startedAt = performance.now();
    let starvedMs = patienceMs - everySecondMs;
    for (;;) {
      const { publishes, deliveries } = this.inFlight;
      const waitedMs = performance.now() - startedAt;
      const fullness = waitedMs < patienceMs ? fault.fullness : 0;
      const enough =
        publishes >= Math.max(1, fullness * publishWindow * publishers.length) &&
        deliveries >= Math.max(1, fullness * prefetch * queueCount * consumers.length);
      if (enough && too()) return true;
      if (waitedMs > trafficTimeoutMs) return false;
      if (waitedMs > starvedMs + everySecondMs) {
        starvedMs = waitedMs;
        this.#cast.starving();
      }
      await setTimeout(lookEveryMs);
    }
  }

  #everyoneLoses(): void {
    const { publishers, consumers, queueCount } = this.#cast;
    this.#publishLimit += publishers.length * publishWindow;
    this.#deliveryLimit += consumers.length * prefetch * queueCount;
  }
}
