import { connect, type Credentials } from "@warren/connection";
import { on } from "@warren/consumer";
import { type DiagnosticsEvents, diagnostics, type PublishError } from "@warren/message";
import { createPublisher } from "@warren/publisher";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { recorded, Seen } from "../../guarantees/seen.ts";
import { createScene, nothingLeft } from "./client-scene.ts";

const broker = useBroker();
const guest: Credentials = { username: "guest", password: "guest" };
const boom = new Error("the vault is sealed");

test.each<[string, () => Promise<Credentials>, object]>([
  [
    "hangs",
    () => new Promise(() => undefined),
    { message: expect.stringContaining("the request for credentials") as string },
  ],
  ["throws", () => Promise.reject(boom), { code: "CREDENTIALS_FAILED", cause: boom }],
])(
  "[C33] a provider of credentials that %s costs its attempt only, by its deadline, and is named",
  async (_what, first, failure) => {
    using failed = recorded<DiagnosticsEvents["connectFailed"]>(diagnostics.connectFailed);
    const name = broker.name("hooked");
    let asked = 0;
    const startedAt = performance.now();
    await using connection = await connect(broker.url, {
      name,
      connectTimeoutMs: 400,
      reconnect: { baseMs: 10, maxMs: 50 },
      credentials: () => (++asked === 1 ? first() : guest),
    });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(connection.state.kind).toBe("open");
    const events = failed.items.filter(({ connection: whose }) => whose === name);
    expect(events).toMatchObject([{ attempt: 1, error: failure }]);
  },
);

test("[C33] hooks of a publisher that throw fail their publish only", async () => {
  await using scene = await createScene(broker.url);
  const sick = new Set(["messageId", "traceHeaders"]);
  const orFail = <T>(hook: string, value: T): T => {
    if (sick.delete(hook)) throw new Error(`${hook} failed`);
    return value;
  };
  await using publisher = createPublisher(scene.connection, {
    messageId: () => orFail("messageId", "an-id"),
    traceHeaders: () => orFail("traceHeaders", {}),
  });
  const outcomes = await Promise.all(
    ["1", "2", "3"].map((id) =>
      publisher.publish(scene.Order, { id }).then(
        () => "confirmed",
        ({ code, message }: PublishError) => `${code} ${message}`,
      ),
    ),
  );
  expect(outcomes).toEqual([
    expect.stringMatching(/^PUBLISH_INVALID .*traceHeaders failed/),
    expect.stringMatching(/^PUBLISH_INVALID .*messageId failed/),
    "confirmed",
  ]);
});

test("[C33] hooks of a consumer that throw fail their message only, and one that hangs holds its own place only", async () => {
  await using scene = await createScene(broker.url, { queue: { retry: false } });
  const handled = new Seen<string>();
  const consumer = await scene.consumer({
    middleware: [
      (delivery, next) => {
        if (delivery.messageId === "throws") throw new Error("middleware failed");
        if (delivery.messageId === "hangs") return new Promise(() => undefined);
        return next(delivery);
      },
    ],
    handlers: [on(scene.Order, ({ id }) => handled.add(id))],
  });
  for (const id of ["throws", "hangs", "fine"]) await scene.order(id);
  const [dead] = await scene.take(1);
  expect(dead).toMatchObject({
    messageId: "throws",
    headers: { "x-warren-error-message": "middleware failed" },
  });
  await handled.until(1);
  expect(handled.items).toEqual(["fine"]);
  expect(consumer.heldCount).toBe(1);
  expect(await scene.left(300)).toEqual({ ...nothingLeft, work: 1 });
});
