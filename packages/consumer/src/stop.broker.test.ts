import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type AnyMessage, defineMessage, diagnostics } from "@warren/message";
import { startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { describe, expect, it } from "vitest";
import { on } from "./handling/handler.ts";
import { createWorld, Gate, recorded, Seen, type World } from "./world.test-support.ts";

const broker = useBroker();
const program = fileURLToPath(new URL("./stop.test-process.ts", import.meta.url));

interface Service {
  readonly process: ChildProcess;
  readonly lines: Seen<string>;
  /** Resolves with the exit code. */
  readonly exited: Promise<number | null>;
}

function service(world: World, mode: "work" | "stuck" | "crash"): Service {
  const child = spawn(
    process.execPath,
    ["--conditions=dev", "--import=tsx", program, broker.url, world.queue.name, mode],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const lines = new Seen<string>();
  createInterface({ input: child.stdout }).on("line", (line) => lines.add(line));
  return { process: child, lines, exited: once(child, "exit").then(([code]) => code as number | null) };
}

function idsOf(word: "begin" | "end", lines: readonly string[]): string[] {
  return lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
}

async function everythingLeft(world: World): Promise<string[]> {
  const count = await world.ready();
  const left = count === 0 ? [] : await world.take(count, world.queue.name);
  return left.map(({ properties }) => properties.messageId!);
}

/** The world's orders, with a schema that is done when the gate is open. */
function slowly({ exchange }: World, validating: Seen<unknown>, gate: Gate): AnyMessage {
  const validate = async (value: unknown): Promise<{ readonly value: unknown }> => {
    validating.add(value);
    await gate.opened;
    return { value };
  };
  const schema = { "~standard": { version: 1, vendor: "test", validate } } as const;
  return defineMessage({ type: "order", exchange, routingKey: "order.x", schema });
}

describe("a process that is told to end", () => {
  it("[C8] finishes what it has begun, exits with 0, and nothing finished is delivered again", async () => {
    await using world = await createWorld(broker.url);
    const ids = Array.from({ length: 300 }, (_, index) => `m${index}`);
    await Promise.all(ids.map((id) => world.order(id)));
    const { process: child, lines, exited } = service(world, "work");
    await lines.until((all) => idsOf("end", all).length >= 40);
    child.kill("SIGTERM");
    expect(await exited).toBe(0);
    const ended = idsOf("end", lines.items);
    expect(idsOf("begin", lines.items)).toEqual(expect.arrayContaining(ended));
    expect(new Set(ended).size).toBe(ended.length);
    const left = await everythingLeft(world);
    expect(left.filter((id) => ended.includes(id))).toEqual([]);
    expect(new Set([...left, ...ended])).toEqual(new Set(ids));
  });

  it("[C9] exits within its deadline when a handler does not end, and its message is delivered again", async () => {
    await using world = await createWorld(broker.url);
    await world.order("stuck");
    const { process: child, lines, exited } = service(world, "stuck");
    await lines.until((all) => idsOf("begin", all).length === 1);
    const told = performance.now();
    child.kill("SIGTERM");
    expect(await exited).toBe(0);
    expect(performance.now() - told).toBeLessThan(3_000 + 1_000);
    expect(await everythingLeft(world)).toEqual(["stuck"]);
  });

  it("[C10] a killed process loses nothing that it had not finished", async () => {
    await using world = await createWorld(broker.url);
    await world.order("a");
    const { process: child, lines, exited } = service(world, "stuck");
    await lines.until((all) => idsOf("begin", all).length === 1);
    child.kill("SIGKILL");
    await exited;
    expect(await world.take(1, world.queue.name)).toMatchObject([
      { properties: { messageId: "a" }, fields: { redelivered: true } },
    ]);
  });

  it("[C17] a message that kills its process is counted by the broker, and dead-lettered after the limit", async () => {
    await using world = await createWorld(broker.url, { deliveryLimit: 2 });
    await world.order("poison");
    for (let crash = 1; crash <= 3; crash++) expect(await service(world, "crash").exited).toBe(1);
    const [dead] = await world.take(1);
    expect(dead!.properties.messageId).toBe("poison");
    expect(dead!.properties.headers).toMatchObject({ "x-first-death-reason": "delivery_limit" });
  });
});

describe("stop()", () => {
  it("gives back at once what was not started, and lets the others finish", async () => {
    await using world = await createWorld(broker.url);
    const [begun, gate] = [new Seen<string>(), new Gate()];
    const consumer = await world.started({
      concurrency: 1,
      prefetch: 10,
      handlers: [
        on(world.Order, async (order) => {
          begun.add(order.id);
          await gate.opened;
        }),
      ],
    });
    for (const id of ["a", "b", "c"]) await world.order(id);
    await begun.until(1);
    const stopped = consumer.stop();
    expect((await world.take(2, world.queue.name)).map(({ properties }) => properties.messageId)).toEqual([
      "b",
      "c",
    ]);
    gate.open();
    await stopped;
    expect(await world.ready()).toBe(0);
    expect(begun.items).toEqual(["a"]);
    expect(consumer.state.kind).toBe("stopped");
  });

  it("aborts the signals of handlers shortly before its deadline", async () => {
    await using world = await createWorld(broker.url);
    const [begun, aborted] = [new Seen<string>(), new Seen<string>()];
    const consumer = await world.started({
      handlers: [
        on(world.Order, async (order, { signal }) => {
          begun.add(order.id);
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          aborted.add(String(signal.reason));
        }),
      ],
    });
    await world.order("a");
    await begun.until(1);
    await consumer.stop({ timeoutMs: 300 });
    expect(aborted.items).toEqual([
      expect.stringMatching(
        /^DeliveryError: \[CONSUMER_FAILED\] the consumer of ".*" is being stopped, and its time is over/,
      ),
    ]);
    expect(await world.ready()).toBe(0);
  });

  it("starts no handler whose schema is done only afterwards", async () => {
    await using world = await createWorld(broker.url);
    const [validating, handled, gate] = [new Seen<unknown>(), new Seen<unknown>(), new Gate()];
    const consumer = await world.started({
      handlers: [on(slowly(world, validating, gate), (order) => void handled.add(order))],
    });
    await world.order("a");
    await validating.until(1);
    const stopped = consumer.stop();
    gate.open();
    await stopped;
    expect(await world.take(1, world.queue.name)).toMatchObject([{ properties: { messageId: "a" } }]);
    expect(handled.items).toEqual([]);
  });

  it.each([
    { what: "started", orderBy: undefined },
    { what: "put in order", orderBy: () => "key" },
  ])("gives back at once what waits for its schema to be $what", async ({ orderBy }) => {
    await using world = await createWorld(broker.url);
    const [validating, handled, never] = [new Seen<unknown>(), new Seen<unknown>(), new Gate()];
    const message = slowly(world, validating, never);
    const consumer = await world.started({
      handlers: [on(message, (order) => void handled.add(order), orderBy === undefined ? {} : { orderBy })],
    });
    await world.order("a");
    await world.order("b");
    await validating.until(orderBy === undefined ? 2 : 1);
    const startedAt = performance.now();
    await consumer.stop({ timeoutMs: 20_000 });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    using decided = recorded<{ queue: string }>(diagnostics.settle);
    never.open();
    const back = await world.take(2, world.queue.name);
    expect(new Set(back.map(({ properties }) => properties.messageId))).toEqual(new Set(["a", "b"]));
    expect(handled.items).toEqual([]);
    expect(decided.items.filter(({ queue }) => queue === world.queue.name)).toEqual([]);
  });

  it("a pause holds back a handler whose schema is done only afterwards", async () => {
    await using world = await createWorld(broker.url);
    const [validating, handled, gate] = [new Seen<unknown>(), new Seen<unknown>(), new Gate()];
    const consumer = await world.started({
      handlers: [on(slowly(world, validating, gate), (order) => void handled.add(order))],
    });
    await world.order("a");
    await validating.until(1);
    await consumer.pause();
    gate.open();
    await world.plain.checkQueue(world.queue.name);
    expect(handled.items).toEqual([]);
    await consumer.resume();
    await handled.until(1);
    expect(handled.items).toEqual([{ id: "a", total: 1 }]);
  });

  it("gives back what fails under a key, instead of waiting for its next attempt", async () => {
    await using world = await createWorld(broker.url);
    const [begun, gate] = [new Seen<string>(), new Gate()];
    const consumer = await world.started({
      handlers: [
        on(
          world.Order,
          async ({ id }) => {
            begun.add(id);
            await gate.opened;
            throw new Error("not now");
          },
          { orderBy: () => "key" },
        ),
      ],
    });
    await world.order("a");
    await begun.until(1);
    const startedAt = performance.now();
    const stopped = consumer.stop({ timeoutMs: 20_000 });
    // By then it waits for handlers at work only.
    for (let look = 0; look < 3; look++) await world.ready();
    gate.open();
    await stopped;
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(await world.take(1, world.queue.name)).toMatchObject([{ properties: { messageId: "a" } }]);
  });

  it("waits for the confirm of a move", async () => {
    await using world = await createWorld(broker.url, { retry: { delaysMs: [60_000] } });
    const begun = new Seen<string>();
    const consumer = await world.started({
      handlers: [
        on(world.Order, (order) => {
          begun.add(order.id);
          throw new Error("boom");
        }),
      ],
    });
    await world.order("a");
    await begun.until(1);
    await consumer.stop();
    expect(await world.ready()).toBe(0);
    expect(await world.ready(`${world.queue.name}.retry.60000`)).toBe(1);
  });

  it("returns within its deadline when the broker has gone silent", async () => {
    await using proxy = await startFaultProxy({ target: { port: Number(new URL(broker.url).port) } });
    await using world = await createWorld(broker.url, {}, proxy.url(broker.url));
    const begun = new Seen<string>();
    const consumer = await world.started({
      handlers: [
        on(world.Order, async (order) => {
          begun.add(order.id);
          await new Promise(() => undefined);
        }),
      ],
    });
    await world.order("a");
    await begun.until(1);
    proxy.blackHole();
    const before = performance.now();
    await consumer.stop({ timeoutMs: 500 });
    expect(performance.now() - before).toBeLessThan(750);
    proxy.reset();
  });

  it("is called by closing the connection", async () => {
    await using world = await createWorld(broker.url);
    const [begun, gate] = [new Seen<string>(), new Gate()];
    const consumer = await world.started({
      handlers: [
        on(world.Order, async (order) => {
          begun.add(order.id);
          await gate.opened;
        }),
      ],
    });
    await world.order("a");
    await begun.until(1);
    const closed = world.connection.close();
    gate.open();
    await closed;
    expect(consumer.state.kind).toBe("stopped");
    expect(await world.ready()).toBe(0);
  });

  it("gives back what fails while the connection is being closed and was never used for publishes", async () => {
    await using world = await createWorld(broker.url);
    const [begun, gate] = [new Seen<string>(), new Gate()];
    await world.started({
      handlers: [
        on(world.Order, async (order) => {
          begun.add(order.id);
          await gate.opened;
          throw new Error("boom");
        }),
      ],
    });
    await world.order("a");
    await begun.until(1);
    const closed = world.connection.close();
    gate.open();
    await closed;
    expect(await world.ready()).toBe(1);
  });

  it("[C35] may be called before start, twice, and while starting", async () => {
    await using world = await createWorld(broker.url);
    const handlers = [on(world.Order, () => undefined)];
    const unstarted = world.consumer({ handlers });
    await unstarted.stop();
    await expect(unstarted.start()).rejects.toMatchObject({ code: "CONSUMER_FAILED" });
    const starting = world.consumer({ handlers });
    const started = starting.start();
    const stopped = starting.stop();
    await expect(started).rejects.toMatchObject({ code: "CONSUMER_FAILED" });
    expect(starting.stop()).toBe(stopped);
    await stopped;
    expect(starting.state.kind).toBe("stopped");
  });

  it.each([Infinity, NaN, -1, "5000"])(
    "refuses %s as its deadline, and goes on consuming",
    async (timeoutMs) => {
      await using world = await createWorld(broker.url);
      const seen = new Seen<string>();
      const consumer = await world.started({ handlers: [on(world.Order, ({ id }) => void seen.add(id))] });
      const refused = { code: "INVALID_OPTION", message: expect.stringContaining("timeoutMs") as string };
      await expect(consumer.stop({ timeoutMs: timeoutMs as number })).rejects.toMatchObject(refused);
      await world.order("a");
      expect(await seen.until(1)).toEqual(["a"]);
    },
  );

  it("is the end: a stopped consumer refuses to start, to resume and to be waited for", async () => {
    await using world = await createWorld(broker.url);
    const consumer = await world.started({ handlers: [on(world.Order, () => undefined)] });
    await consumer.stop();
    const refused = { code: "CONSUMER_FAILED", message: expect.stringContaining("is stopped") as string };
    await expect(consumer.start()).rejects.toMatchObject(refused);
    await expect(consumer.resume()).rejects.toMatchObject(refused);
    await expect(consumer.idle()).rejects.toMatchObject(refused);
    await consumer.pause();
  });
});
