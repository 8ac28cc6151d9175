import type { ChannelModel } from "amqplib";
import { BenchQueue } from "./bench-queue.ts";
import { performInChild } from "./contender-process.ts";
import type { Scenario } from "./scenarios.ts";
import type { Measurement } from "./tasks/measurement.ts";

/** Every contender once, each on a fresh queue. A contender whose count is not the broker's fails the bench. */
export async function runRound(
  connection: ChannelModel,
  url: string,
  scenario: Scenario,
  contenders: readonly string[],
  seed: number,
): Promise<Map<string, Measurement>> {
  const measurements = new Map<string, Measurement>();
  for (const contender of contenders) {
    measurements.set(contender, await measure(connection, url, scenario, contender, seed));
  }
  return measurements;
}

/** Each round begins with another contender, and every second one goes backwards: nobody always follows the same one. */
export function orderOfRound(contenders: readonly string[], round: number): readonly string[] {
  const turn = round % contenders.length;
  const rotated = [...contenders.slice(turn), ...contenders.slice(0, turn)];
  return round % 2 === 0 ? rotated : rotated.toReversed();
}

async function measure(
  connection: ChannelModel,
  url: string,
  scenario: Scenario,
  contender: string,
  seed: number,
): Promise<Measurement> {
  const total = scenario.warmUp + scenario.messages;
  const queue = new BenchQueue(connection);
  await queue.declare(scenario.queueType);
  let left = 0;
  let problem: string | undefined;
  let measurement: Measurement;
  try {
    if (scenario.kind === "consume") await queue.fill(url, total, scenario.bodyBytes, seed);
    measurement = await performInChild({ scenario, contender, url, queue: queue.name, seed });
    if (scenario.kind === "publish") problem = await queue.problemOfFirst(scenario.bodyBytes, seed);
  } finally {
    left = await queue.delete();
  }
  const expectedLeft = scenario.kind === "publish" ? total - 1 : 0;
  if (problem !== undefined) throw new Error(`${contender} cheats at ${scenario.name}: ${problem}`);
  if (measurement.doneCount !== total) {
    throw new Error(`${contender} settled ${measurement.doneCount} of ${total} messages at ${scenario.name}`);
  }
  if (left !== expectedLeft) {
    throw new Error(
      `${contender} left ${left} messages at ${scenario.name} where ${expectedLeft} were expected`,
    );
  }
  return measurement;
}
