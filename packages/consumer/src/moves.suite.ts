import { diagnostics } from "@warren/message";
import { describe, expect, it } from "vitest";
import { on } from "./handling/handler.ts";
import { createWorld, recorded, Seen } from "./world.test-support.ts";

export interface MovesBroker {
  readonly url: string;
  /** Of a user whose id is not that of the consumer. */
  readonly strangersUrl: string;
  readonly stranger: string;
}

/** What a retry and a dead letter do with messages that the broker would act on; on every RabbitMQ the same. */
export function movesSuite(broker: () => MovesBroker): void {
  describe("a move", () => {
    it("works for a message with a foreign user id, CC, an expiration and x-death", async () => {
      const { url, strangersUrl, stranger } = broker();
      await using world = await createWorld(url);
      await using strangers = await createWorld(strangersUrl);
      const copies = `${world.queue.name}-copies`;
      await world.plain.declareQueue(copies, {
        durable: false,
        exclusive: true,
        autoDelete: true,
        arguments: {},
      });
      const attempts = new Seen<number>();
      await world.started({
        handlers: [
          on(world.Order, (_order, { attempt }) => {
            attempts.add(attempt);
            throw new Error("boom");
          }),
        ],
      });
      const death = { count: 5, reason: "expired", queue: `${world.queue.name}.retry.50`, exchange: "" };
      strangers.plain.publish(
        { exchange: "", routingKey: world.queue.name, mandatory: true },
        {
          type: "order",
          contentType: "application/json",
          messageId: "m1",
          userId: stranger,
          expiration: "60000",
          headers: {
            CC: [copies],
            "x-death": [death],
            "x-first-death-queue": death.queue,
            "x-first-death-reason": "expired",
            "x-first-death-exchange": "",
            "x-delivery-count": 7,
            tenant: "eu",
          },
        },
        Buffer.from('{"id":"a","total":1}'),
      );
      const [dead] = await world.take(1);
      expect(attempts.items).toEqual([1, 2, 3]);
      expect(dead!.content.toString()).toBe('{"id":"a","total":1}');
      expect(dead!.properties).toMatchObject({
        messageId: "m1",
        type: "order",
        contentType: "application/json",
      });
      expect(dead!.properties.userId).toBeUndefined();
      expect(dead!.properties.expiration).toBeUndefined();
      expect(dead!.properties.headers).toMatchObject({
        tenant: "eu",
        "x-warren-attempt": 3,
        "x-warren-user-id": stranger,
        "x-warren-expiration": "60000",
        "x-warren-cc": [copies],
      });
      expect(dead!.properties.headers!["x-death"]).toBeUndefined();
      // Once, by the publisher's own CC; none of the moves has routed it there again.
      expect((await world.plain.checkQueue(copies)).messageCount).toBe(1);
    });

    it("[B31] is tried again while its queue is away, and the message stays with the broker meanwhile", async () => {
      await using world = await createWorld(broker().url, { retry: false });
      using letters = recorded<{ reason: string }>(diagnostics.deadLetter);
      using confirms = recorded<{ confirmation: { status: string } }>(diagnostics.confirm);
      await world.plain.deleteQueue(world.dead);
      const consumer = await world.started({
        handlers: [on(world.Order, () => Promise.reject(new Error("boom")))],
      });
      const changes = consumer.status();
      await world.order("a");
      await confirms.until((all) => all.some(({ confirmation }) => confirmation.status === "returned"));
      expect(consumer.heldCount).toBe(1);
      for await (const { error } of changes) if (error !== undefined) break;
      expect(consumer.state).toMatchObject({ error: { code: "PUBLISH_RETURNED" } });
      expect(consumer.healthy()).toBe(false);
      await world.connection.declare();
      const [dead] = await world.take(1);
      expect(dead!.properties.messageId).toBe("a");
      await consumer.idle();
      expect(consumer.healthy()).toBe(true);
      expect(letters.items).toHaveLength(1);
    });

    it("[C28] a message whose move was not confirmed is not lost with its process", async () => {
      await using world = await createWorld(broker().url, { retry: false });
      using confirms = recorded<{ confirmation: { status: string } }>(diagnostics.confirm);
      await world.plain.deleteQueue(world.dead);
      await world.started({ handlers: [on(world.Order, () => Promise.reject(new Error("boom")))] });
      await world.order("a");
      await confirms.until((all) => all.some(({ confirmation }) => confirmation.status === "returned"));
      await world.connection.close({ timeoutMs: 500 });
      const [again] = await world.take(1, world.queue.name);
      expect(again!.properties.messageId).toBe("a");
      expect(again!.properties.headers!["x-warren-attempt"]).toBeUndefined();
    });

    it("S18: a forged attempt costs a message its own retries and gains it none", async () => {
      await using world = await createWorld(broker().url);
      const attempts = new Seen<string>();
      await world.started({
        handlers: [
          on(world.Order, (order, { attempt }) => {
            attempts.add(`${order.id} ${attempt}`);
            throw new Error("boom");
          }),
        ],
      });
      await world.order("high", { headers: { "x-warren-attempt": 99 } });
      await world.order("low", { headers: { "x-warren-attempt": -99 } });
      const dead = await world.take(2);
      expect(attempts.items.toSorted((one, other) => one.localeCompare(other))).toEqual([
        "high 100",
        "low 1",
        "low 2",
        "low 3",
      ]);
      expect(dead.map(({ properties }) => properties.headers!["x-warren-attempt"])).toEqual([100, 3]);
    });
  });
}
