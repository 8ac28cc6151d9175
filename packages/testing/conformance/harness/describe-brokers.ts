import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, inject } from "vitest";
import { ConformanceBroker } from "./conformance-broker.ts";
import { startBroker, type RunningBroker, type User } from "./running-broker.ts";
import { targets, type TargetName } from "./targets.ts";

export interface BrokersOptions {
  /** Accounts besides guest. @default [] */
  readonly users?: readonly User[];
}

/**
 * A `describe` block for each broker that the suite runs on, with a virtual host of its own there. The brokers work side
 * by side, the tests of one broker one after the other.
 *
 * ```ts
 * describeBrokers("The default exchange", (broker) => {
 *   test("routes to the queue that the routing key names", async () => {
 *     const queue = await broker.queue();
 *     await broker.publish("", queue, "hello");
 *     expect(await broker.bodies(queue)).toEqual(["hello"]);
 *   });
 * });
 * ```
 */
export function describeBrokers(name: string, body: (broker: ConformanceBroker) => void): void;
export function describeBrokers(
  name: string,
  options: BrokersOptions,
  body: (broker: ConformanceBroker) => void,
): void;
export function describeBrokers(
  name: string,
  ...rest: [(broker: ConformanceBroker) => void] | [BrokersOptions, (broker: ConformanceBroker) => void]
): void {
  const [{ users = [] }, body] = rest.length === 1 ? [{}, rest[0]] : rest;
  const provided = inject("warren:conformance");
  for (const target of Object.keys(targets) as TargetName[]) {
    const running = provided[target];
    if (running === undefined) continue;
    const { title, version } = targets[target];
    const vhost = `conformance-${randomBytes(4).toString("hex")}`;
    const broker = new ConformanceBroker(version, vhost);
    const missing = running.state === "missing";
    const why = missing ? `: ${running.why}` : "";
    describe(`${title}${why}`, { skip: missing, concurrent: true }, () => {
      let started: RunningBroker | undefined;
      beforeAll(async () => {
        if (running.state === "missing") return;
        started = await startBroker(running, version, vhost, users);
        broker.port = started.port;
      });
      afterEach(() => broker.closeAll());
      afterAll(async () => {
        await broker.disconnect();
        await started?.close();
      });
      // Concurrency is handed down otherwise, and the tests share what is cleaned up after each of them.
      describe.sequential(name, () => {
        body(broker);
      });
    });
  }
}
