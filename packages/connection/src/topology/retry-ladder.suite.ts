import type { ConsumeMessage, GetMessage } from "amqplib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { declareTopology } from "./declare-topology.ts";
import { defineTopology } from "./define-topology.ts";
import { type LivePort, livePort } from "./live-port.test-support.ts";

/** What the broker does with a ladder and a dead-letter queue, seen from plain amqplib, without Warren's consumer. */
export function retryLadderSuite(url: () => string): void {
  let port: LivePort;
  beforeAll(async () => (port = await livePort(url())));
  afterAll(() => port.close());

  async function declared(delayMs = 50): Promise<string> {
    const queue = port.name();
    const topology = port.owns(
      defineTopology({ queues: { [queue]: { retry: { delaysMs: [delayMs] }, deliveryLimit: 2 } } }),
    );
    await declareTopology(port, topology, "create");
    return queue;
  }

  async function send(queue: string, body: string): Promise<void> {
    port.channel.sendToQueue(queue, Buffer.from(body), { persistent: true, messageId: body });
    await port.channel.waitForConfirms();
  }

  /** The next message of a queue, however long the broker takes to move it there. */
  async function next(queue: string): Promise<ConsumeMessage> {
    const consumerTag = port.name();
    const message = await new Promise<ConsumeMessage>((resolve, reject) => {
      port.channel
        .consume(queue, (delivered) => delivered !== null && resolve(delivered), { consumerTag })
        .catch(reject);
    });
    await port.channel.cancel(consumerTag);
    return message;
  }

  async function get(queue: string): Promise<GetMessage> {
    const message = await port.channel.get(queue);
    expect(message, "a message is there").not.toBe(false);
    return message as GetMessage;
  }

  describe("a work queue with its ladder", () => {
    it("gives a rejected message to the dead-letter queue", async () => {
      const queue = await declared();
      await send(queue, "rejected");
      port.channel.reject(await next(queue), false);
      const dead = await next(`${queue}.dead`);
      expect(dead.properties.messageId).toBe("rejected");
      expect(dead.properties.headers?.["x-first-death-reason"]).toBe("rejected");
      port.channel.ack(dead);
    });

    it("[B30] gives a message to the dead-letter queue after its delivery limit", async () => {
      const queue = await declared();
      await send(queue, "poison");
      for (let delivery = 1; delivery <= 3; delivery++) port.channel.reject(await next(queue), true);
      const dead = await next(`${queue}.dead`);
      expect(dead.properties.headers?.["x-first-death-reason"]).toBe("delivery_limit");
      port.channel.ack(dead);
    });

    it("gets a message back from a step of the ladder after its wait, not before", async () => {
      const queue = await declared(200);
      const sent = performance.now();
      await send(`${queue}.retry.200`, "again");
      const back = await next(queue);
      expect(performance.now() - sent).toBeGreaterThan(195);
      expect(back.properties.messageId).toBe("again");
      expect(back.fields.redelivered).toBe(false);
      port.channel.ack(back);
    });

    it("keeps a dead letter however often it is looked at: 50 looks lose nothing", async () => {
      const queue = await declared();
      await send(`${queue}.dead`, "looked at");
      for (let look = 1; look <= 50; look++) port.channel.nack(await get(`${queue}.dead`), false, true);
      const kept = await get(`${queue}.dead`);
      expect(kept.content.toString()).toBe("looked at");
      expect(kept.fields.redelivered).toBe(true);
      port.channel.ack(kept);
    });
  });
}
