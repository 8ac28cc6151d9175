import { randomUUID } from "node:crypto";
import type { WireDelivery } from "@warren/connection";
import { defineMessage, diagnostics } from "@warren/message";
import { createPublisher } from "@warren/publisher";
import { startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { reply } from "./handling/handler.ts";
import { timeout } from "./middleware/timeout.ts";
import { createWorld, Gate, recorded, Seen, type World } from "./world.test-support.ts";

const broker = useBroker();

interface Requester {
  readonly replies: Seen<WireDelivery>;
  readonly ask: (id: string, body?: string) => Promise<void>;
}

/** A requester on direct reply-to, which takes its replies on the channel on which it publishes. */
async function requester(world: World): Promise<Requester> {
  const replies = new Seen<WireDelivery>();
  await world.plain.consume("amq.rabbitmq.reply-to", { noAck: true }, (delivery) => {
    if (delivery !== undefined) replies.add(delivery);
  });
  return {
    replies,
    async ask(id, body = JSON.stringify({ id, total: 20 })) {
      world.plain.publish(
        { exchange: world.exchange, routingKey: "order.x", mandatory: true },
        {
          type: "order",
          contentType: "application/json",
          correlationId: id,
          replyTo: "amq.rabbitmq.reply-to",
          messageId: randomUUID(),
        },
        Buffer.from(body),
      );
      await world.plain.checkQueue(world.queue.name);
    },
  };
}

function shown({ properties, content }: WireDelivery): unknown {
  return { id: properties.correlationId, body: content.toString(), headers: { ...properties.headers } };
}

describe("reply", () => {
  it("leaves a request that cannot be answered while the connection is being closed to the next consumer", async () => {
    await using world = await createWorld(broker.url);
    const [begun, gate] = [new Gate(), new Gate()];
    await world.started({
      handlers: [
        reply(world.Order, async () => {
          begun.open();
          await gate.opened;
          throw new Error("boom");
        }),
      ],
    });
    await world.order("r1", { replyTo: "nobody", correlationId: "r1" });
    await begun.opened;
    const closed = world.connection.close();
    gate.open();
    await closed;
    expect(await world.ready()).toBe(1);
  });

  it("answers a request with what the handler returned, then acknowledges it", async () => {
    await using world = await createWorld(broker.url);
    const { replies, ask } = await requester(world);
    const consumer = await world.started({
      handlers: [reply(world.Order, async ({ total }) => ({ vat: total / 5 }))],
    });
    await ask("r1");
    const [answer] = await replies.until(1);
    expect(shown(answer!)).toEqual({ id: "r1", body: '{"vat":4}', headers: {} });
    expect(answer!.properties.contentType).toBe("application/json");
    await consumer.idle();
  });

  it("[C36, N11] acknowledges no request before its answer is confirmed", async () => {
    await using proxy = await startFaultProxy({ target: { port: Number(new URL(broker.url).port) } });
    await using world = await createWorld(broker.url, {}, proxy.url(broker.url));
    const { replies, ask } = await requester(world);
    using failed = recorded(diagnostics.connectFailed);
    using frames = proxy.frames();
    const consumer = await world.started({
      handlers: [
        reply(world.Order, () => {
          // The first answer opens the connection for publishes.
          proxy.refuse();
          return Promise.resolve({ vat: 4 });
        }),
      ],
    });
    await ask("r1");
    await failed.until(1);
    expect(consumer.heldCount).toBe(1);
    expect(frames.count("basic.ack", "toServer")).toBe(0);
    await proxy.heal();
    await replies.until(1);
    await consumer.idle();
    expect(await world.ready()).toBe(0);
  });

  it("answers with the error when the handler throws, and does not retry", async () => {
    await using world = await createWorld(broker.url);
    const { replies, ask } = await requester(world);
    const calls = new Seen<number>();
    const consumer = await world.started({
      handlers: [
        reply(world.Order, (_order, { attempt }) => {
          calls.add(attempt);
          throw new RangeError("no such product");
        }),
      ],
    });
    await ask("r1");
    const [answer] = await replies.until(1);
    expect(shown(answer!)).toEqual({
      id: "r1",
      body: "",
      headers: {
        "x-warren-error-code": "HANDLER_FAILED",
        "x-warren-error-message": "RangeError: no such product",
      },
    });
    await consumer.idle();
    expect(calls.items).toEqual([1]);
  });

  it("answers a request that it cannot read, and dead-letters it", async () => {
    await using world = await createWorld(broker.url);
    const { replies, ask } = await requester(world);
    await world.started({ handlers: [reply(world.Order, () => "never called")] });
    await ask("r1", '{"id":7}');
    const [answer] = await replies.until(1);
    expect(answer!.properties.headers).toMatchObject({ "x-warren-error-code": "SCHEMA_FAILED" });
    expect(await world.take(1)).toHaveLength(1);
  });

  it("sends several replies from a generator, the last one marked", async () => {
    await using world = await createWorld(broker.url);
    const { replies, ask } = await requester(world);
    await world.started({
      handlers: [
        reply(world.Order, async function* ({ id }) {
          if (id === "none") return;
          yield `${id} 1`;
          yield `${id} 2`;
        }),
      ],
    });
    await ask("two");
    await ask("none");
    const answers = await replies.until(3);
    const of = (id: string): unknown[] =>
      answers.filter((each) => each.properties.correlationId === id).map(shown);
    expect(of("two")).toEqual([
      { id: "two", body: '"two 1"', headers: {} },
      { id: "two", body: '"two 2"', headers: { "x-warren-last-reply": true } },
    ]);
    expect(of("none")).toEqual([{ id: "none", body: "", headers: { "x-warren-last-reply": true } }]);
  });

  it("answers a request that took too long, and one whose answer is none of its message", async () => {
    await using world = await createWorld(broker.url);
    const Price = defineMessage({
      type: "price",
      exchange: "",
      routingKey: "price",
      schema: z.object({ vat: z.number() }),
    });
    const { replies, ask } = await requester(world);
    const consumer = await world.started({
      middleware: [timeout({ timeoutMs: 50 })],
      handlers: [
        reply(
          world.Order,
          async ({ id }) => {
            if (id === "slow") await new Promise(() => undefined);
            return { vat: id === "wrong" ? ("much" as never) : 4 };
          },
          { reply: Price },
        ),
      ],
    });
    for (const id of ["slow", "wrong", "right"]) await ask(id);
    const answers = await replies.until(3);
    await consumer.idle();
    const of = (id: string): WireDelivery["properties"] =>
      answers.find(({ properties }) => properties.correlationId === id)!.properties;
    expect(of("slow").headers).toMatchObject({ "x-warren-error-code": "HANDLER_TIMEOUT" });
    expect(of("wrong").headers).toMatchObject({ "x-warren-error-code": "SCHEMA_FAILED" });
    expect(of("right")).toMatchObject({ type: "price", contentType: "application/json" });
  });

  it("is what the publisher's request and requestMany wait for", async () => {
    await using world = await createWorld(broker.url);
    await world.started({
      handlers: [
        reply(world.Order, ({ id, total }) => {
          if (id === "many")
            return (async function* () {
              yield 1;
              yield 2;
            })();
          if (id === "bad") throw new Error("no such product");
          return { vat: total };
        }),
      ],
    });
    await using publisher = createPublisher(world.connection);
    const ask = (id: string): Promise<unknown> =>
      publisher.request(world.Order as never, { id, total: 5 } as never);
    expect(await ask("one")).toEqual({ vat: 5 });
    await expect(ask("bad")).rejects.toMatchObject({
      code: "REPLY_FAILED",
      message: expect.stringContaining("no such product"),
    });
    const many: unknown[] = [];
    for await (const answer of publisher.requestMany(world.Order as never, { id: "many", total: 5 } as never))
      many.push(answer);
    expect(many).toEqual([1, 2]);
  });

  it("[C36] acknowledges a request whose requester has gone", async () => {
    await using world = await createWorld(broker.url);
    const consumer = await world.started({ handlers: [reply(world.Order, () => "too late")] });
    await world.order("gone", { replyTo: broker.name("a-queue-that-was-deleted"), correlationId: "r1" });
    await consumer.idle();
    expect(await world.ready(world.dead)).toBe(0);
  });

  it("acknowledges a request whose requester's queue takes no more, and goes on answering others", async () => {
    await using world = await createWorld(broker.url);
    const { replies, ask } = await requester(world);
    const full = broker.name("full");
    await world.plain.declareQueue(full, {
      durable: false,
      exclusive: true,
      autoDelete: false,
      arguments: { "x-max-length": 1, "x-overflow": "reject-publish" },
    });
    world.plain.publish({ exchange: "", routingKey: full, mandatory: true }, {}, Buffer.from("the only one"));
    await world.plain.checkQueue(full);
    const consumer = await world.started({
      concurrency: 1,
      handlers: [reply(world.Order, ({ id }) => id)],
    });
    await world.order("too much", { replyTo: full, correlationId: "r1" });
    await ask("r2");
    const [answer] = await replies.until(1);
    expect(shown(answer!)).toEqual({ id: "r2", body: '"r2"', headers: {} });
    await consumer.idle();
    expect(await world.ready(world.dead)).toBe(0);
  });

  // RabbitMQ 3.10 takes the address apart where it routes, and what is no base64 of a process id ends the connection.
  it("gives up a reply over whose address the broker closes the connection, and goes on answering others", async (context) => {
    if (broker.kind === "embedded") context.skip("The embedded broker closes nothing over an address.");
    await using world = await createWorld(broker.url);
    const { replies, ask } = await requester(world);
    using lost = recorded<{ socket: string; to: string }>(diagnostics.connectionState);
    const consumer = await world.started({ handlers: [reply(world.Order, ({ id }) => id)] });
    await world.order("hostile", { replyTo: "amq.rabbitmq.reply-to.AAAA.x", correlationId: "r1" });
    await consumer.idle();
    expect(await world.ready(world.dead)).toBe(0);
    // Otherwise the address was none that the broker closes a connection over.
    expect(lost.items.filter(({ to }) => to === "reconnecting").length).toBeGreaterThan(0);
    expect(lost.items.filter(({ socket }) => socket === "consume")).toEqual([]);
    await ask("r2");
    const [answer] = await replies.until(1);
    expect(shown(answer!)).toEqual({ id: "r2", body: '"r2"', headers: {} });
  });

  it("dead-letters a request that says nobody to answer, without calling the handler", async () => {
    await using world = await createWorld(broker.url);
    const calls = new Seen<string>();
    await world.started({ handlers: [reply(world.Order, ({ id }) => calls.add(id))] });
    await world.order("a");
    const [dead] = await world.take(1);
    expect(dead!.properties.headers).toMatchObject({
      "x-warren-error-message": "the request says no replyTo, so nobody can be answered",
      "x-warren-attempt": 1,
    });
    expect(calls.items).toEqual([]);
  });
});
