import type { Codecs } from "@warren/message";
import { exclusionOf, isOf, type Wanted } from "./message-filter.ts";
import type { Sighting, SightingKind } from "./sighting.ts";
import type { Unsettled } from "./unsettled.ts";
import { describeMessage } from "./wire-message.ts";

/** More would hide what is wrong. */
const maxLines = 20;

/** What was waited for did not happen in time. The message says what happened instead. */
export class WatchError extends Error {
  override readonly name = "WatchError";
}

interface Awaited {
  readonly kind: SightingKind;
  readonly wanted: Wanted;
  readonly times: number;
  readonly foundCount: number;
  readonly timeoutMs: number;
}

/** With what was seen of that kind or of that message, the latest last, and why it was not what was awaited. */
export async function notSeen(
  { kind, wanted, times, foundCount, timeoutMs }: Awaited,
  sightings: readonly Sighting[],
  codecs: Codecs,
): Promise<WatchError> {
  const { what } = wanted;
  const name = "schema" in what ? what.type : JSON.stringify(what);
  const count = times === 1 ? "" : `, ${times} times; it was seen ${foundCount} times`;
  const alike = sightings.filter((each) => each.kind === kind || isOf(what, each)).slice(-maxLines);
  const lines = alike.map(async (each) => {
    const isAwaited = each.kind === kind && isOf(what, each);
    const exclusion = isAwaited ? await exclusionOf(each, wanted, codecs) : undefined;
    return `${lineOf(each)}${exclusion === undefined ? "" : ` (left out: ${exclusion})`}`;
  });
  const instead =
    alike.length === 0 ? "Nothing like it was seen." : `Seen instead:${(await Promise.all(lines)).join("")}`;
  return new WatchError(`${kind} ${name} was awaited for ${timeoutMs} ms${count}. ${instead}`);
}

export function notSettled(timeoutMs: number, unsettled: readonly Unsettled[]): WatchError {
  const lines = unsettled.slice(0, maxLines).map(({ text }) => `\n  ${text}`);
  const more = unsettled.length > lines.length ? `\n  and ${unsettled.length - lines.length} more` : "";
  return new WatchError(
    `After ${timeoutMs} ms not every message has come to its end:${lines.join("")}${more}`,
  );
}

function lineOf({ kind, message, queue, failure }: Sighting): string {
  const where = queue === undefined ? "" : ` in ${queue}`;
  const why = failure === undefined || failure.reason === "" ? "" : `: ${failure.reason}`;
  return `\n  ${kind}${where}: ${describeMessage(message)}${why}`;
}
