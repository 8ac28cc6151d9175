import type { BrokerState } from "../faults/checkers/broker-state.ts";
import type { Client, Sample } from "./client.ts";
import { processesPerRole } from "./soak-topology.ts";

/** Warren's two sockets. */
const socketsOfClient = 2;
/** What the talk with the conductor itself takes. */
const ownHandles: ReadonlySet<string> = new Set(["PipeWrap", "Immediate", "ProcessWrap", "FSReqCallback"]);

/**
 * What is wrong in the broker while every process is at rest. A publisher has a channel; a consumer has one for each
 * queue, and another once it has moved something.
 */
export function brokerLeaks(
  queueCount: number,
  { connections, channels, queues }: BrokerState,
): readonly string[] {
  const consumers = Object.values(queues).reduce((sum, queue) => sum + queue.consumers, 0);
  const most = (what: string, count: number, limit: number): readonly string[] =>
    count > limit ? [`${count} ${what} at rest, more than ${limit}`] : [];
  const expected = processesPerRole * queueCount;
  return [
    ...most("connections", connections, 2 * processesPerRole * socketsOfClient),
    ...most("channels", channels, processesPerRole + 2 * expected),
    ...(consumers === expected ? [] : [`${consumers} consumers at rest instead of ${expected}`]),
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
