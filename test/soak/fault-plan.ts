import type { SoakOptions } from "./soak-options.ts";

export type FaultKind = "broker kill -9" | "client SIGKILL" | "reset" | "memory alarm";

/** A fault as the seed has drawn it. The numbers from 0 to 1 are what its kind makes of them. */
export interface PlannedFault {
  readonly kind: FaultKind;
  /** It is due once so many messages were published. */
  readonly atMessage: number;
  /** How full the windows should be when it hits. */
  readonly fullness: number;
  readonly victim: number;
  readonly length: number;
}

type Wanted = Pick<SoakOptions, "messages" | "brokerKills" | "clientKills" | "resets" | "alarms">;

/** All faults in the order in which they come, spread over the messages. */
export function planFaults(wanted: Wanted, random: () => number): readonly PlannedFault[] {
  const kinds = shuffled(
    [
      ...times("broker kill -9", wanted.brokerKills),
      ...times("client SIGKILL", wanted.clientKills),
      ...times("reset", wanted.resets),
      ...times("memory alarm", wanted.alarms),
    ],
    random,
  );
  const apart = wanted.messages / (kinds.length + 2);
  return kinds.map((kind, index) => ({
    kind,
    atMessage: Math.floor((index + 0.5 + random()) * apart),
    fullness: random() / 2,
    victim: random(),
    length: random(),
  }));
}

function times(kind: FaultKind, count: number): readonly FaultKind[] {
  return Array.from({ length: count }, () => kind);
}

function shuffled<T>(all: readonly T[], random: () => number): readonly T[] {
  const left = [...all];
  return all.map(() => left.splice(Math.floor(random() * left.length), 1)[0]!);
}
