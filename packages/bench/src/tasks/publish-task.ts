import type { Contender } from "../contender.ts";
import { orderMaker } from "../order.ts";
import type { PublishScenario } from "../scenarios.ts";
import { MeasuredSection } from "./measured-section.ts";
import type { Measurement, RaceTask } from "./measurement.ts";

/** `window` lanes, each awaiting its own publish before the next: never more in flight, and no array of promises. */
export async function publishTask(
  { url, queue, seed }: RaceTask,
  scenario: PublishScenario,
  contender: Contender,
): Promise<Measurement> {
  const { messages, warmUp, window } = scenario;
  const makeOrder = orderMaker(scenario.bodyBytes, seed);
  const publisher = await contender.openPublisher({ url, queue, window });
  const section = new MeasuredSection(messages);
  let confirmedCount = 0;

  async function publishRange(from: number, to: number, record: boolean): Promise<void> {
    let next = from;
    async function lane(): Promise<void> {
      while (next < to) {
        const order = makeOrder(next);
        next += 1;
        const startedAt = performance.now();
        await publisher.publish(order);
        confirmedCount += 1;
        if (record) section.recordMs(performance.now() - startedAt);
      }
    }
    await Promise.all(Array.from({ length: window }, lane));
  }

  await publishRange(0, warmUp, false);
  section.start();
  await publishRange(warmUp, warmUp + messages, true);
  const measurement = section.end(confirmedCount);
  await publisher.close();
  return measurement;
}
