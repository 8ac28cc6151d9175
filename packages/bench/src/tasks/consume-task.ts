import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import type { Contender } from "../contender.ts";
import { orderIndex } from "../order.ts";
import type { ConsumeScenario } from "../scenarios.ts";
import { MeasuredSection } from "./measured-section.ts";
import type { Measurement, RaceTask } from "./measurement.ts";
import { Roll } from "./roll.ts";

/** Handles a queue that the parent has filled. Latency has no meaning here: the messages have been waiting. */
export async function consumeTask(
  { url, queue }: RaceTask,
  scenario: ConsumeScenario,
  contender: Contender,
): Promise<Measurement> {
  const { messages, warmUp, slowEvery, slowMs, window } = scenario;
  const total = warmUp + messages;
  const section = new MeasuredSection(messages);
  const roll = new Roll(total);
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });

  const consumer = await contender.openConsumer({ url, queue, window }, async (order) => {
    const index = orderIndex(order);
    if (slowEvery > 0 && index % slowEvery === slowEvery - 1) await delay(slowMs);
    roll.enter(index);
    if (roll.count === warmUp) section.start();
    if (roll.count === total) finish();
  });
  await finished;
  await nextTurn(); // the last handlers return, and their acks are written
  const measurement = section.end(roll.count);
  await consumer.close();
  return measurement;
}
