import { type Acknowledgement, ack, deadLetter, type Delivery, type Middleware } from "@warren/message";
import { aFunction, oneOf, resolveOptions, type Rule } from "@warren/message/authoring";
import type { DeduplicationStore } from "./deduplication-store.ts";
import { MemoryStore } from "./memory-store.ts";

export interface DeduplicateOptions {
  /** Where handled messages are remembered; several processes need one that they share. @default new MemoryStore() */
  readonly store?: DeduplicationStore;
  /** What makes two deliveries the same message. @default (delivery) => delivery.messageId */
  readonly keyOf?: (delivery: Delivery) => string | undefined;
  /** What happens to a message without a key, which cannot be told from its duplicate. @default "dead-letter" */
  readonly withoutKey?: "dead-letter" | "handle";
}

const defaults: Required<Pick<DeduplicateOptions, "keyOf" | "withoutKey">> = {
  keyOf: (delivery: Delivery): string | undefined => delivery.messageId,
  withoutKey: "dead-letter",
};

const aStore: Rule = (value) => {
  const { has, add } = (value ?? {}) as Partial<DeduplicationStore>;
  return typeof has === "function" && typeof add === "function"
    ? undefined
    : "must have the functions has and add";
};

/**
 * Acknowledges a message that was handled before, without calling the handler. A duplicate that comes while the first
 * is at work waits for it. The effect happens once only as long as the process and the store's memory last, and a crash
 * between the effect and `add` handles it again: for an effect in a database use an inbox in the same transaction.
 *
 * @throws ConfigError INVALID_OPTION
 */
export function deduplicate(options: DeduplicateOptions = {}): Middleware {
  const {
    keyOf,
    withoutKey,
    store = new MemoryStore(),
  } = resolveOptions("deduplicate", options, defaults, {
    store: aStore,
    keyOf: aFunction,
    withoutKey: oneOf("dead-letter", "handle"),
  });
  const atWork = new Map<string, Promise<boolean>>();
  return async (delivery, next) => {
    const key = keyOf(delivery);
    if (key === undefined)
      return withoutKey === "handle"
        ? next(delivery)
        : deadLetter("it has no message id, so that it cannot be deduplicated");
    for (let first = atWork.get(key); first !== undefined; first = atWork.get(key))
      if (await first) return ack();
    const work = handleOnce(key, store, () => next(delivery));
    const succeeded = work.then(
      ({ action }) => action === "ack",
      () => false,
    );
    atWork.set(key, succeeded);
    try {
      return await work;
    } finally {
      atWork.delete(key);
    }
  };
}

async function handleOnce(
  key: string,
  store: DeduplicationStore,
  handle: () => Promise<Acknowledgement>,
): Promise<Acknowledgement> {
  if (await store.has(key)) return ack();
  const acknowledgement = await handle();
  if (acknowledgement.action === "ack") await store.add(key);
  return acknowledgement;
}
