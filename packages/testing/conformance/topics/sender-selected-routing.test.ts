import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { refused } from "../harness/refused.ts";

describeBrokers("The headers CC and BCC", (broker) => {
  test("are further routing keys; BCC is taken off", async () => {
    const exchange = await broker.exchange("direct");
    const [main, copy, blind] = [await broker.queue(), await broker.queue(), await broker.queue()];
    for (const queue of [main, copy, blind]) await broker.bind(queue, exchange, queue);
    await broker.publish(exchange, main, "to three", { headers: { CC: [copy], BCC: [blind] } });
    for (const queue of [main, copy, blind]) {
      const [message] = await broker.messages(queue);
      expect(message?.fields).toMatchObject({ exchange, routingKey: main });
      expect(message?.properties.headers).toEqual({ CC: [copy] });
    }
  });

  test("work on the default exchange, for a message whose own key has no queue, too", async () => {
    const queue = await broker.queue();
    const outcome = await broker.publish("", "not-there", "copied", {
      CC: [queue],
      mandatory: true,
    });
    expect(outcome).toEqual({ confirmed: true, returned: undefined });
    expect(await broker.messages(queue)).toMatchObject([{ fields: { routingKey: "not-there" } }]);
  });

  test("bring one copy to a queue that several keys lead to", async () => {
    const queue = await broker.queue();
    await broker.publish("", queue, "once", { CC: [queue, queue], BCC: [queue] });
    expect(await broker.bodies(queue)).toEqual(["once"]);
  });

  test.each(["CC", "BCC"])("must be lists: %s", async (name) => {
    const channel = await broker.channel();
    const headers = { [name]: "a text" };
    expect(await refused(channel, () => channel.publish("", "key", Buffer.from(""), { headers }))).toEqual({
      code: 406,
      text: `PRECONDITION_FAILED - invalid message: {unacceptable_type_in_header,"${name}",longstr}`,
    });
  });

  test("leave out what is no text in their lists", async () => {
    const queue = await broker.queue();
    await broker.publish("", "not-there", "copied", { headers: { CC: [5, true, queue] } });
    expect(await broker.bodies(queue)).toEqual(["copied"]);
  });
});
