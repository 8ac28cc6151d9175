import { describeRabbitMq, useBroker } from "@warren/testing/vitest";
import { describe } from "vitest";
import { stopAcksSuite } from "./stop-acks.suite.ts";

describe("the installed RabbitMQ", () => {
  const broker = useBroker();
  stopAcksSuite(() => broker.url);
});

describeRabbitMq("RabbitMQ 4", { version: "4" }, (node) => {
  stopAcksSuite(() => node().url);
});
