import { whenAborted } from "../when-aborted.ts";

/** The items until the signal aborts; also while the next one is still waited for, as with stdin. */
export async function* untilAborted<Item>(
  items: AsyncIterable<Item>,
  signal: AbortSignal,
): AsyncGenerator<Item, void, undefined> {
  const iterator = items[Symbol.asyncIterator]();
  for (;;) {
    const next = await nextOrAbort(iterator, signal);
    if (next === undefined || next.done === true) return;
    yield next.value;
  }
}

/**
 * Not a `Promise.race` with one promise for all items: every race would leave a reaction behind on it, and a stdin may
 * never end.
 */
function nextOrAbort<Item>(
  iterator: AsyncIterator<Item>,
  signal: AbortSignal,
): Promise<IteratorResult<Item> | undefined> {
  return new Promise((resolve, reject) => {
    const stop = whenAborted(signal, () => resolve(undefined));
    iterator.next().then(resolve, reject).finally(stop);
  });
}
