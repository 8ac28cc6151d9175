import type { Connection, PublishControl } from "@warren/connection";
import { type Confirmation, defineMessage, type Message, type Publishing } from "@warren/message";
import { expect, test } from "vitest";
import { z } from "zod";
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

const checked = { type: "checked", exchange: "amq.topic" } as const;
const schema = z.object({ id: z.string() });
const message = defineMessage({ ...checked, routingKey: "checked.{id}", schema });
const asyncMessage = defineMessage({
  ...checked,
  routingKey: "checked.{id}",
  schema: schema.refine(() => Promise.resolve(true)),
});

const checks = [
  ["a schema that answers at once", message],
  ["an asynchronous schema", asyncMessage],
] as const;

test.each(checks)("with %s, what is sent is what publish was called with", async (_, each) => {
  const sent: Sent[] = [];
  const publisher = new Publisher(connectionThatTakes(sent));
  const [payload, headers, timestamp] = [{ id: "" }, { id: "" }, new Date(0)];
  const options = { messageId: "", headers, timestamp };
  const publishes = ["a", "b", "c"].map((id, at) => {
    options.messageId = payload.id = headers.id = id;
    timestamp.setTime(at);
    return publisher.publish(each, payload, options);
  });
  const ids = (await Promise.all(publishes)).map(({ messageId }) => messageId);
  expect(ids).toEqual(["a", "b", "c"]);
  const bodies = sent.map(({ publishing }) => JSON.parse(Buffer.from(publishing.body).toString()) as unknown);
  expect(bodies).toEqual([{ id: "a" }, { id: "b" }, { id: "c" }]);
});

test("what changes while an asynchronous schema runs or a body is compressed changes nothing that is sent", async () => {
  const sent: Sent[] = [];
  const publisher = new Publisher(connectionThatTakes(sent), { compress: { overBytes: 10 } });
  const [headers, timestamp] = [{ id: "a" }, new Date(1_000)];
  const large = { ...raw, body: Buffer.alloc(100), headers, timestamp };
  const publishes = [
    publisher.publish(asyncMessage, { id: "a" }, { headers, timestamp }),
    publisher.publish({ ...raw, headers, timestamp }),
    publisher.publish(large),
  ];
  headers.id = "b";
  timestamp.setTime(2_000);
  await Promise.all(publishes);
  expect(sent.map(({ publishing }) => publishing.routingKey)).toEqual(["checked.a", "k", "k"]);
  for (const { publishing } of sent)
    expect(publishing).toMatchObject({ headers: { id: "a" }, timestamp: new Date(1_000) });
});

test.each(checks)("with %s, an option that is inherited counts, too", async (_, each) => {
  const sent: Sent[] = [];
  const publisher = new Publisher(connectionThatTakes(sent));
  const { signal } = new AbortController();
  const control = { replay: false, signal, confirmTimeoutMs: 77 };
  await publisher.publish(each, { id: "a" }, Object.create(control) as PublishControl);
  const { replay, confirmTimeoutMs, signal: used } = sent[0]!.control!;
  expect({ replay, confirmTimeoutMs, signal: used }).toEqual(control);
});

test("what an asynchronous schema says comes before what the codec says", async () => {
  const publisher = new Publisher(connectionThatTakes([]));
  const counted = (isValid: boolean): Message<"checked", { id: bigint }, { id: bigint }, "amq.topic"> =>
    defineMessage({
      ...checked,
      routingKey: "k",
      schema: z.object({ id: z.bigint() }).refine(() => Promise.resolve(isValid), "not today"),
    });
  await expect(publisher.publish(counted(false), { id: 1n })).rejects.toThrow("not today");
  await expect(publisher.publish(counted(true), { id: 1n })).rejects.toThrow("BigInt");
});

test("bodies behind an asynchronous schema count for the buffer: no more are kept, or pulled, than it holds", async () => {
  const id = "a".repeat(40_000);
  const endless = defineMessage({
    ...checked,
    routingKey: "k",
    schema: schema.refine(() => new Promise<never>(() => undefined)),
  });
  const publisher = new Publisher(connectionThatTakes([]), { maxBufferBytes: 100_000 });
  const kept = [publisher.publish(endless, { id }), publisher.publish(endless, { id })];
  await expect(publisher.publish(endless, { id })).rejects.toMatchObject({ code: "PUBLISH_BUFFER_FULL" });
  let pulledCount = 0;
  const source = (function* (): Generator<{ readonly id: string }> {
    while (pulledCount < 10) {
      pulledCount++;
      yield { id };
    }
  })();
  const all = publisher.publishAll(endless, source);
  await new Promise((resolve) => setImmediate(resolve));
  // The one that goes beyond the limit is the last.
  expect(pulledCount).toBe(1);
  const closed = publisher.close({ timeoutMs: 1 });
  for (const publish of kept) await expect(publish).rejects.toMatchObject({ code: "PUBLISHER_CLOSED" });
  await closed;
  expect(new Set((await all).map(({ status }) => status))).toEqual(new Set(["refused"]));
});
