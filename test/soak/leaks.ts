import type { BrokerState } from "../faults/checkers/broker-state.ts";
import type { Client, Sample } from "./client.ts";

/** Warren's two sockets. */
const socketsOfClient = 2;
/** What the talk with the conductor itself takes. */
const ownHandles: ReadonlySet<string> = new Set(["PipeWrap", "Immediate", "ProcessWrap", "FSReqCallback"]);

/** More connections, channels or consumers in the broker at rest than before the first fault. */
export function brokerLeaks(before: BrokerState, after: BrokerState): readonly string[] {
  const consumers = (state: BrokerState): number =>
    Object.values(state.queues).reduce((sum, queue) => sum + queue.consumers, 0);
  const grown = (what: string, from: number, to: number): readonly string[] =>
    to > from ? [`${to} ${what} after the faults, ${from} before them`] : [];
  return [
    ...grown("connections", before.connections, after.connections),
    ...grown("channels", before.channels, after.channels),
    ...(consumers(before) === consumers(after)
      ? []
      : [`${consumers(after)} consumers after the faults, ${consumers(before)} before them`]),
  ];
}

/** Sockets beyond Warren's two in a process at rest. */
export function socketLeaks({ name, report }: Client): readonly string[] {
  const sockets = report?.handles["TCPSocketWrap"] ?? 0;
  return sockets > socketsOfClient ? [`${name} has ${sockets} sockets at rest`] : [];
}

/** What keeps a process alive after everything was closed. */
export function handleLeaks({ name, report }: Client): readonly string[] {
  if (report?.closed !== true) return [`${name} did not close`];
  const left = Object.entries(report.handles).filter(([kind]) => !ownHandles.has(kind));
  return left.map(([kind, count]) => `${name} closed and left ${count} × ${kind}`);
}

/** Of the second half of its life, in MiB an hour: the first is the warming up. */
export function rssSlope(samples: readonly Sample[]): number {
  const late = samples.slice(Math.floor(samples.length / 2));
  if (late.length < 2) return 0;
  const meanMs = late.reduce((sum, { atMs }) => sum + atMs, 0) / late.length;
  const mean = late.reduce((sum, { rssBytes }) => sum + rssBytes, 0) / late.length;
  let both = 0;
  let square = 0;
  for (const { atMs, rssBytes } of late) {
    both += (atMs - meanMs) * (rssBytes - mean);
    square += (atMs - meanMs) ** 2;
  }
  return ((both / square) * 3_600_000) / 2 ** 20;
}
