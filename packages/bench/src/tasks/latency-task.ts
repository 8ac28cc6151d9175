import { setImmediate as nextTurn, setInterval as every } from "node:timers/promises";
import type { Contender } from "../contender.ts";
import { orderIndex, orderMaker } from "../order.ts";
import type { LatencyScenario } from "../scenarios.ts";
import { MeasuredSection } from "./measured-section.ts";
import type { Measurement, RaceTask } from "./measurement.ts";
import { Roll } from "./roll.ts";

/** Publishes at a fixed rate and clocks each message from the call of `publish` to its handler, in one process. */
export async function latencyTask(
  { url, queue, seed }: RaceTask,
  scenario: LatencyScenario,
  contender: Contender,
): Promise<Measurement> {
  const { messages, warmUp, window, messagesPerSecond } = scenario;
  const total = warmUp + messages;
  const makeOrder = orderMaker(scenario.bodyBytes, seed);
  const sentAt = new Float64Array(total);
  const section = new MeasuredSection(messages);
  const roll = new Roll(total);
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });

  const publisher = await contender.openPublisher({ url, queue, window });
  const consumer = await contender.openConsumer({ url, queue, window }, async (order) => {
    const index = orderIndex(order);
    if (index >= warmUp) section.recordMs(performance.now() - (sentAt[index] ?? Number.NaN));
    roll.enter(index);
    if (roll.count === total) finish();
  });

  const confirms: Promise<unknown>[] = [];
  const startedAt = performance.now();
  for await (const _ of every(1)) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * messagesPerSecond));
    while (confirms.length < due) {
      const index = confirms.length;
      if (index === warmUp) section.start();
      sentAt[index] = performance.now();
      confirms.push(publisher.publish(makeOrder(index)));
    }
    if (confirms.length === total) break;
  }
  await Promise.all(confirms);
  await finished;
  await nextTurn(); // the last handlers return, and their acks are written
  const measurement = section.end(roll.count);
  await publisher.close();
  await consumer.close();
  return measurement;
}
