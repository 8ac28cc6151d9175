import type { Copy } from "./copy.ts";
import type { Ledger } from "./ledger.ts";
import { describeMessage } from "./wire-message.ts";

/** A message that has not come to its end, and where it is. */
export interface Unsettled {
  readonly text: string;
  /** It only waits for its time to live in a queue that nobody consumes; undefined where somebody has to do something. */
  readonly expiresInMs?: number;
}

/** What is still under way in a virtual host. What lies in a queue that nobody consumes is at its end, unless it will leave it. */
export function unsettledOf(ledger: Ledger): readonly Unsettled[] {
  const unsettled: Unsettled[] = [];
  for (const { message } of ledger.unanswered)
    unsettled.push({
      text: `${describeMessage(message)} was published, and the broker has not answered yet`,
    });
  for (const copy of ledger.copies) {
    const place = placeOf(copy, ledger);
    if (place !== undefined)
      unsettled.push({ ...place, text: `${describeMessage(copy.message)} ${place.text}` });
  }
  return unsettled;
}

function placeOf({ queue, holder, message }: Copy, ledger: Ledger): Unsettled | undefined {
  const { attendance, topology } = ledger;
  if (queue === undefined)
    return {
      text:
        `was not delivered yet; nobody knows where it went, since the exchange ${JSON.stringify(message.exchange)} was not ` +
        "declared through this URL",
    };
  if (holder !== undefined)
    return { text: `is in the hands of a consumer of ${queue}, which has not acked it` };
  const known = topology.queue(queue);
  if (known.kind === "stream") return undefined;
  if (attendance.isMissing(queue))
    return { text: `waits in ${queue}, whose consumer broke off and has not come back` };
  if (attendance.isAttended(queue)) return { text: `waits in ${queue} for its consumer` };
  const expiresInMs = timeToLive(known.messageTtlMs, message.properties.expiration);
  const next = topology.deadLetterRoute(known, message)?.find((target) => leadsToConsumer(target));
  return expiresInMs === undefined || next === undefined
    ? undefined
    : { text: `waits in ${queue} until it expires and goes to ${next}`, expiresInMs };

  function leadsToConsumer(target: string, passed: readonly string[] = [queue!]): boolean {
    if (attendance.isAttended(target)) return true;
    const through = topology.queue(target);
    if (passed.includes(target) || through.messageTtlMs === undefined) return false;
    const targets = topology.deadLetterRoute(through, message) ?? [];
    return targets.some((each) => leadsToConsumer(each, [...passed, target]));
  }
}

function timeToLive(ofQueueMs: number | undefined, expiration: string | undefined): number | undefined {
  if (expiration === undefined) return ofQueueMs;
  return Math.min(ofQueueMs ?? Infinity, Number(expiration));
}
