import { afterAll, beforeAll, expect, test } from "vitest";
import type { EmbeddedBroker } from "../broker/embedded-broker.ts";
import { startEmbeddedBroker } from "../broker/start-embedded-broker.ts";
import { watchBroker } from "./watch-broker.ts";
import { watchedSuite } from "./watched.suite.ts";

let broker: EmbeddedBroker;
beforeAll(async () => {
  broker = await startEmbeddedBroker();
});
afterAll(() => broker.close());

watchedSuite(() => broker);

test("TLS hides what is to be read", async () => {
  await expect(watchBroker({ url: "amqps://localhost" })).rejects.toThrow(
    "it needs an amqp:// URL, not amqps://",
  );
});

test("an option that there is not is refused", async () => {
  await expect(watchBroker(broker, { timeout: 1 } as object)).rejects.toMatchObject({
    code: "INVALID_OPTION",
  });
});

test("what names no message, and an option of a spy that there is not, are refused at once", async () => {
  await using watched = await watchBroker(broker);
  const order = { type: "order.placed" };
  const calls: readonly (readonly [() => Promise<unknown>, string])[] = [
    [
      () => watched.handled("order.placed" as unknown as object),
      'handled: which message must be said by one of defineMessage() or by a pattern like { type: "order.placed" }, ' +
        'not "order.placed"',
    ],
    [() => watched.seen("handled", undefined as unknown as object), "seen: which message must be said"],
    [() => watched.published({ typ: "order.placed" } as object), 'published: unknown option "typ"'],
    [() => watched.published(order, { tiems: 2 } as object), 'unknown option "tiems". Did you mean "times"?'],
    [() => watched.published(order, { times: 0 }), "times must be a whole number from 1, not 0"],
    [() => watched.seen("published", order, { timeoutMs: 1 } as object), 'unknown option "timeoutMs"'],
    [() => watched.settled({ timeout: 1 } as object), 'unknown option "timeout". Did you mean "timeoutMs"?'],
  ];
  for (const [call, text] of calls) {
    const thrown: unknown = await call().catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: "INVALID_OPTION" });
    expect(String(thrown)).toContain(text);
  }
});
