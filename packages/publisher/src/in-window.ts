import type { Confirmation } from "@warren/message";

/** Sends every item of a source, no more than `width` at a time; resolves with the outcomes in the items' order. */
export async function inWindow<Item>(
  width: number,
  source: Iterable<Item> | AsyncIterable<Item>,
  send: (item: Item, settled: (confirmation: Confirmation) => void) => void,
): Promise<readonly Confirmation[]> {
  const confirmations: Confirmation[] = [];
  let openCount = 0;
  let sentCount = 0;
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
  }
  await until(() => openCount === 0);
  return confirmations;
}
