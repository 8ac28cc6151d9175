import { afterAll, beforeAll, describe } from "vitest";
import type { EmbeddedBroker } from "../embedded-broker.ts";
import { startEmbeddedBroker } from "../start-embedded-broker.ts";
import { dialogueTests } from "./dialogue.suite.test-support.ts";

describe("the embedded broker", () => {
  let broker: EmbeddedBroker;
  beforeAll(async () => {
    broker = await startEmbeddedBroker({ management: true });
  });
  afterAll(() => broker.close());

  dialogueTests(() => broker.management!.url);
});
