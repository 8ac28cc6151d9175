import { median, type PairedRatio, pairedRatio } from "../statistics.ts";
import type { Scenario } from "../scenarios.ts";
import type { Measurement } from "../tasks/measurement.ts";

/** One contender's row: medians over the rounds, and its ratios to the reference, paired by round. */
export interface ContenderSummary {
  readonly contender: string;
  readonly messagesPerSecond: number;
  readonly cpuMicrosPerMessage: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly peakRssBytes: number;
  readonly throughputRatio: PairedRatio;
  readonly cpuRatio: PairedRatio;
  readonly rounds: readonly Measurement[];
}

export interface ScenarioSummary {
  readonly scenario: Scenario;
  readonly contenders: readonly ContenderSummary[];
}

export function summarize(
  scenario: Scenario,
  rounds: readonly ReadonlyMap<string, Measurement>[],
  names: readonly string[],
  reference: string,
): ScenarioSummary {
  const of = (name: string): Measurement[] =>
    rounds.map((round) => {
      const measurement = round.get(name);
      if (measurement === undefined) throw new Error(`${name} is missing from a round`);
      return measurement;
    });
  const referenceRounds = of(reference);
  const contenders = names.map((contender): ContenderSummary => {
    const own = of(contender);
    const middle = (field: keyof Measurement): number => median(own.map((round) => round[field]));
    const ratio = (field: keyof Measurement): PairedRatio =>
      pairedRatio(
        own.map((round) => round[field]),
        referenceRounds.map((round) => round[field]),
      );
    return {
      contender,
      messagesPerSecond: middle("messagesPerSecond"),
      cpuMicrosPerMessage: middle("cpuMicrosPerMessage"),
      p50Ms: middle("p50Ms"),
      p99Ms: middle("p99Ms"),
      peakRssBytes: middle("peakRssBytes"),
      throughputRatio: ratio("messagesPerSecond"),
      cpuRatio: ratio("cpuMicrosPerMessage"),
      rounds: own,
    };
  });
  return { scenario, contenders };
}
