import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { refused } from "../harness/refused.ts";

describeBrokers("The default exchange", (broker) => {
  test("routes to the queue that the routing key names", async () => {
    const queue = await broker.queue();
    await broker.publish("", queue, "hello");
    expect(await broker.bodies(queue)).toEqual(["hello"]);
  });

  test("refuses a binding", async () => {
    const queue = await broker.queue();
    const channel = await broker.channel();
    expect(await refused(channel, () => channel.bindQueue(queue, "", "key"))).toEqual({
      code: 403,
      text: "ACCESS_REFUSED - operation not permitted on the default exchange",
    });
  });
});
