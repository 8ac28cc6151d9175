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
