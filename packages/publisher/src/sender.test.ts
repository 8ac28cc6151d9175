import type { Connection, PublishControl } from "@warren/connection";
import type { Confirmation, Publishing } from "@warren/message";
import { expect, test } from "vitest";
import { Publisher } from "./publisher.ts";

interface Sent {
  readonly publishing: Publishing;
  readonly control: PublishControl | undefined;
}

/** Its channel confirms at once, and `sent` is what came there. */
function connectionThatTakes(sent: Sent[]): Connection {
  const channel = {
    refusal: () => undefined,
    send: (
      publishing: Publishing,
      control: PublishControl | undefined,
      settled: (confirmation: Confirmation) => void,
    ) => {
      sent.push({ publishing, control });
      settled({ status: "confirmed", messageId: publishing.messageId ?? "", latencyMs: 1, attempts: 1 });
    },
    flush: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  return { channels: { confirm: () => channel }, state: { kind: "open" } } as unknown as Connection;
}

const raw = { exchange: "amq.topic", routingKey: "k", body: Buffer.alloc(0) };

test("an item that cannot be read is refused for itself, and takes none of the others along", async () => {
  const publisher = new Publisher(connectionThatTakes([]));
  const unreadable = (name: string): typeof raw =>
    Object.defineProperty({ ...raw }, name, {
      get: () => {
        throw new Error(`no ${name}`);
      },
      enumerable: true,
    });
  const items = [raw, unreadable("messageId"), unreadable("exchange"), raw];
  const outcomes = await publisher.publishAll(items);
  expect(outcomes.map(({ status }) => status)).toEqual(["confirmed", "refused", "refused", "confirmed"]);
  for (const item of items.slice(1, 3))
    await expect(publisher.publish(item)).rejects.toMatchObject({ code: "PUBLISH_INVALID" });
});
