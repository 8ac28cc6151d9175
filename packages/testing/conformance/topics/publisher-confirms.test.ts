import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { bits, contentHeader, frame, longlong, method, short, shortstr } from "../harness/frames.ts";
import { refused } from "../harness/refused.ts";

interface Answer {
  readonly deliveryTag: number;
  readonly multiple: boolean;
}

describeBrokers("Publisher confirms", (broker) => {
  test("count the publishes of a channel from one, and answer each once", async () => {
    const channel = await broker.confirmChannel();
    const queue = await broker.queue();
    const tags: number[] = [];
    let answered = 0;
    channel.on("ack", ({ deliveryTag, multiple }: Answer) => {
      for (let tag = multiple ? answered + 1 : deliveryTag; tag <= deliveryTag; tag++) tags.push(tag);
      answered = Math.max(answered, deliveryTag);
    });
    for (let n = 0; n < 100; n++) channel.publish("", queue, Buffer.from(`${n}`));
    await channel.waitForConfirms();
    expect(tags.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n + 1));
    expect(await broker.depth(queue)).toBe(100);
  });

  test("begin with the first publish after confirm.select", async () => {
    const raw = await broker.raw();
    await raw.openChannel(1);
    const publish = (): void =>
      raw.write(
        frame(1, 1, method("basic.publish", short(0), shortstr("amq.fanout"), shortstr(""), bits(false))),
        frame(2, 1, contentHeader(0)),
      );
    publish();
    expect((await raw.call(1, "confirm.select", bits(false))).name).toBe("confirm.select-ok");
    publish();
    const { name, payload } = await raw.next();
    expect([name, payload.subarray(4)]).toEqual(["basic.ack", Buffer.concat([longlong(1n), bits(false)])]);
  });

  test("may be selected twice", async () => {
    const raw = await broker.raw();
    await raw.openChannel(1);
    expect((await raw.call(1, "confirm.select", bits(false))).name).toBe("confirm.select-ok");
    expect((await raw.call(1, "confirm.select", bits(false))).name).toBe("confirm.select-ok");
  });

  test("cannot be selected on a channel with transactions, nor the other way round", async () => {
    const transacted = await broker.raw();
    await transacted.openChannel(1);
    await transacted.call(1, "tx.select");
    transacted.send(1, "confirm.select", bits(false));
    expect(await transacted.refusal()).toMatchObject({
      scope: "channel",
      code: 406,
      text: "PRECONDITION_FAILED - cannot switch from tx to confirm mode",
    });
    const confirming = await broker.raw();
    await confirming.openChannel(1);
    await confirming.call(1, "confirm.select", bits(false));
    confirming.send(1, "tx.select");
    expect(await confirming.refusal()).toMatchObject({
      scope: "channel",
      code: 406,
      text: "PRECONDITION_FAILED - cannot switch from confirm to tx mode",
    });
  });

  test("ack what no queue gets", async () => {
    for (const exchange of ["", "amq.direct", "amq.fanout", "amq.topic", "amq.headers"])
      expect(await broker.publish(exchange, "nowhere")).toMatchObject({ confirmed: true });
  });

  test.each(["classic", "quorum"])("nack what a full %s queue rejects", async (type) => {
    const queue = await broker.queue({
      arguments: { "x-queue-type": type, "x-max-length": 1, "x-overflow": "reject-publish" },
    });
    const outcomes: boolean[] = [];
    for (let n = 0; n < 5; n++) outcomes.push((await broker.publish("", queue)).confirmed);
    // The limit of a quorum queue is a soft one: it may take one more.
    expect(outcomes.slice(2)).toEqual([false, false, false]);
    expect(outcomes[0]).toBe(true);
    const kept = outcomes.filter(Boolean).length;
    expect(await broker.depth(queue)).toBe(kept);
  });

  test("nack a message that one of its queues rejects, though another keeps it", async () => {
    const exchange = await broker.exchange("fanout");
    const roomy = await broker.queue();
    const full = await broker.queue({ arguments: { "x-max-length": 0, "x-overflow": "reject-publish" } });
    await broker.bind(roomy, exchange, "");
    await broker.bind(full, exchange, "");
    expect(await broker.publish(exchange, "", "kept by one", { mandatory: true })).toEqual({
      confirmed: false,
      returned: undefined,
    });
    expect(await broker.bodies(roomy)).toEqual(["kept by one"]);
  });

  test("of a closed channel never come", async () => {
    const channel = await broker.confirmChannel();
    const queue = await broker.queue();
    let answers = 0;
    const count = (): void => {
      answers += 1;
    };
    channel.on("ack", count);
    channel.on("nack", count);
    expect(await refused(channel, () => channel.publish("not-there", "", Buffer.from("")))).toMatchObject({
      code: 404,
    });
    expect(answers).toBe(0);
    expect(await broker.depth(queue)).toBe(0);
  });
});
