import { setImmediate } from "node:timers/promises";
import type { Confirmation } from "@warren/message";

export interface Window {
  /** How many may be open at the same time. */
  readonly width: number;
  /** Asked after each: nothing, or a promise after which it is asked again. */
  readonly room: () => Promise<void> | undefined;
}

/** What settles without the broker, as all that is refused does, would otherwise leave nobody else a turn. */
const settledPerTurn = 1_000;

/** Sends every item of a source as the window allows; resolves with the outcomes in the items' order. */
export async function inWindow<Item>(
  { width, room }: Window,
  source: Iterable<Item> | AsyncIterable<Item>,
  send: (item: Item, settled: (confirmation: Confirmation) => void) => void,
): Promise<readonly Confirmation[]> {
  const confirmations: Confirmation[] = [];
  let openCount = 0;
  let sentCount = 0;
  let settledBeforeTurn = 0;
  let wake: (() => void) | undefined;
  const until = async (isReached: () => boolean): Promise<void> => {
    while (!isReached()) await new Promise<void>((resolve) => (wake = resolve));
  };
  for await (const item of source) {
    const at = sentCount++;
    openCount++;
    send(item, (confirmation) => {
      confirmations[at] = confirmation;
      openCount--;
      wake?.();
    });
    if (openCount >= width) await until(() => openCount < width);
    for (let full = room(); full !== undefined; full = room()) await full;
    if (sentCount - openCount - settledBeforeTurn < settledPerTurn) continue;
    await setImmediate();
    settledBeforeTurn = sentCount - openCount;
  }
  await until(() => openCount === 0);
  return confirmations;
}
