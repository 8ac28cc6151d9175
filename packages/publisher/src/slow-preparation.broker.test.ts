import { connect, type Connection } from "@warren/connection";
import { defineMessage, type Message, type PublishError } from "@warren/message";
import { type FaultProxy, startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createPublisher, type Publisher } from "./publisher.ts";

const broker = useBroker();
const raw = { exchange: "amq.topic", routingKey: "k", body: Buffer.alloc(0), mandatory: false };
const notMandatory = { mandatory: false };

let proxy: FaultProxy;
let connection: Connection;
let publisher: Publisher;

beforeEach(async () => {
  proxy = await startFaultProxy({ target: { port: Number(new URL(broker.url).port || 5672) } });
  connection = await connect(proxy.url(broker.url));
  publisher = createPublisher(connection);
});
afterEach(async () => {
  await proxy.heal();
  await publisher.close({ timeoutMs: 1_000 });
  await connection.close();
  await proxy.close();
});

/** A message whose schema does that. */
function checkedBy(validate: () => Promise<{ readonly value: unknown }>): Message {
  return defineMessage({
    type: "checked",
    exchange: "amq.topic",
    routingKey: "k",
    schema: { "~standard": { version: 1, vendor: "test", validate } },
  });
}

const endless = checkedBy(() => new Promise(() => undefined));

async function failure(publish: Promise<unknown>): Promise<PublishError> {
  return publish.then(
    () => expect.unreachable("it resolved"),
    (error: unknown) => error as PublishError,
  );
}

test("deliveryTimeoutMs runs from the call: while a schema takes its time, behind another's, and for what is left of it", async () => {
  await publisher.publish(raw);
  proxy.blackHole("toServer");
  let valid!: (result: { readonly value: unknown }) => void;
  const slow = checkedBy(() => new Promise((resolve) => (valid = resolve)));
  const checked = failure(publisher.publish(slow, {}, { ...notMandatory, deliveryTimeoutMs: 1_000 }));
  const behind = await failure(publisher.publish(raw, { deliveryTimeoutMs: 500 }));
  expect(behind).toMatchObject({
    code: "PUBLISH_TIMEOUT",
    outcome: { stored: "no", afterMs: 500 },
  });
  valid({ value: {} });
  const { code, outcome } = await checked;
  expect(code).toBe("PUBLISH_TIMEOUT");
  const { afterMs } = outcome as { readonly afterMs: number };
  expect(afterMs).toBeGreaterThanOrEqual(999);
  expect(afterMs).toBeLessThan(1_400);
});

test("an abort ends a publish whose schema does not end, and one that waits behind it", async () => {
  const abort = new AbortController();
  const own = { signal: abort.signal, deliveryTimeoutMs: 5_000 };
  const aborted = [failure(publisher.publish(endless, {}, own)), failure(publisher.publish(raw, own))];
  abort.abort();
  for (const error of await Promise.all(aborted))
    expect(error).toMatchObject({ code: "PUBLISH_ABORTED", outcome: { status: "refused", stored: "no" } });
});

test("what can only be seen to be wrong after its schema has ended is refused, and holds nobody up", async () => {
  const fine = checkedBy(async () => ({ value: {} }));
  const headers = {
    get unreadable(): string {
      throw new Error("no such header");
    },
  };
  const [wrong, right] = [
    failure(publisher.publish(fine, {}, { headers })),
    publisher.publish(fine, {}, notMandatory),
  ];
  expect(await wrong).toMatchObject({ code: "PUBLISH_INVALID", outcome: { status: "refused" } });
  await expect(right).resolves.toMatchObject({ status: "confirmed" });
});

test("what has no body behind a schema that takes its time is refused for that, and takes no room for ever", async () => {
  let valid!: (result: { readonly value: unknown }) => void;
  const slow = checkedBy(() => new Promise((resolve) => (valid = resolve)));
  const publishes = [
    publisher.publish(slow, {}, notMandatory),
    publisher.publish({ ...raw, body: "text" as never }),
    publisher.publish({ ...raw, body: undefined as never }),
    publisher.publish(raw),
  ];
  valid({ value: {} });
  const [first, text, nothing, last] = await Promise.allSettled(publishes);
  for (const refused of [text, nothing])
    expect(refused).toMatchObject({
      reason: { sentence: expect.stringMatching(/the body is .*, not a Uint8Array/) },
    });
  for (const fine of [first, last]) expect(fine).toMatchObject({ value: { status: "confirmed" } });
});

test("a request of a closed publisher checks no payload whose failure nobody would see", async () => {
  let checkedCount = 0;
  const failing = checkedBy(async () => {
    checkedCount++;
    throw new Error("no such order");
  });
  await publisher.close();
  expect(await failure(publisher.request(failing, {}))).toMatchObject({ code: "PUBLISHER_CLOSED" });
  expect(checkedCount).toBe(0);
});

test("a schema that throws what cannot be read refuses its publish, at once or later", async () => {
  const unreadable: unknown = Object.create(null);
  const throwing = [
    checkedBy(() => {
      throw unreadable;
    }),
    checkedBy(() => Promise.reject(unreadable)),
  ];
  for (const message of throwing)
    expect(await failure(publisher.publish(message, {}))).toMatchObject({ code: "PUBLISH_INVALID" });
  const outcomes = await publisher.publishAll(throwing[1]!, [{}, {}]);
  expect(outcomes.map(({ status }) => status)).toEqual(["refused", "refused"]);
});

test("bodies that are being compressed count for the buffer: those beyond it are refused, or wait as publishAll does", async () => {
  await using small = createPublisher(connection, { compress: { overBytes: 10 }, maxBufferBytes: 100_000 });
  const body = Buffer.alloc(40_000);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, () => small.publish({ ...raw, body })),
  );
  expect(outcomes.map(({ status }) => status)).toEqual([
    ...Array(2).fill("fulfilled"),
    ...Array(8).fill("rejected"),
  ]);
  expect(outcomes[9]).toMatchObject({ reason: { code: "PUBLISH_BUFFER_FULL", outcome: { stored: "no" } } });
  const all = await small.publishAll(Array.from({ length: 10 }, () => ({ ...raw, body })));
  expect(new Set(all.map(({ status }) => status))).toEqual(new Set(["confirmed"]));
});
