import { expect, test } from "vitest";
import { describeRabbitMq } from "../vitest/describe-rabbitmq.ts";

describeRabbitMq("RabbitMQ 4", { version: "4" }, (node) => {
  test("runs from its root folder and is commanded there", async () => {
    expect(node().version).toMatch(/^4\./);
    expect((await node().ctl("version")).trim()).toBe(node().version);
    await node().addVhost("here");
    expect(await node().evalErlang('rabbit_vhost:exists(<<"here">>)')).toBe("true");
  });
});
