import { describe, expect, test } from "vitest";
import { ManualClock } from "../manual-clock.ts";
import { faultScene, publishAll } from "./faults.test-support.ts";

const clock = new ManualClock();
const scene = faultScene({ clock });

const ten = Array.from({ length: 10 }, (_, index) => `${index + 1}`);

test("every fifth confirm is dropped although its message is stored", async () => {
  const lost = scene.broker.faults.dropConfirms({ every: 5 });
  const channel = await scene.confirmChannel();
  const answered: string[] = [];
  const answers = publishAll(channel, ten, (body) => answered.push(body));
  await Promise.all(answers.filter((_, index) => index !== 4 && index !== 9));
  await lost.struckTimes(2);
  expect(answered).toEqual(["1", "2", "3", "4", "6", "7", "8", "9"]);
  expect(await scene.readyCount()).toBe(10);
});

test("a nack can stand for a message that is stored", async () => {
  scene.broker.faults.nackConfirms({ times: 2 });
  const answers = await Promise.all(publishAll(await scene.confirmChannel(), ["1", "2", "3"]));
  expect(answers).toEqual(["nack", "nack", "ack"]);
  expect(await scene.readyCount()).toBe(3);
});

test("a confirm that is late is overtaken, and comes by the broker's clock", async () => {
  const late = scene.broker.faults.delayConfirms({ delayMs: 60_000, times: 1 });
  const answered: string[] = [];
  const [first, second] = publishAll(await scene.confirmChannel(), ["1", "2"], (body) => answered.push(body));
  await second;
  await late.struckTimes(1);
  expect(answered).toEqual(["2"]);
  clock.advance(60_000);
  expect(await first).toBe("ack");
});

test("a delayed confirm comes although its fault was removed", async () => {
  const answer = scene.broker.faults.delayConfirms({ delayMs: 1_000 });
  const [published] = publishAll(await scene.confirmChannel(), ["1"]);
  await answer.struckTimes(1);
  scene.broker.faults.clear();
  clock.advance(1_000);
  expect(await published).toBe("ack");
});

test("a publish that is refused is nacked and not stored", async () => {
  using refused = scene.broker.faults.refusePublishes({ every: 2 });
  const answers = await Promise.all(publishAll(await scene.confirmChannel(), ["1", "2", "3"]));
  expect(answers).toEqual(["ack", "nack", "ack"]);
  expect(refused.struckCount).toBe(1);
  expect(await scene.readyCount()).toBe(2);
});

describe("a publish that is refused with a code", () => {
  test.each([
    [404, "NOT_FOUND - no exchange 'amq.topic' in vhost '/'"],
    [403, "ACCESS_REFUSED - access to exchange 'amq.topic' in vhost '/' refused for user 'guest'"],
    [406, "PRECONDITION_FAILED - for a test"],
  ] as const)("closes the channel: %i", async (replyCode, message) => {
    scene.broker.faults.refusePublishes({ replyCode });
    const channel = await scene.channel();
    const error = new Promise((resolve) => {
      channel.on("error", resolve);
    });
    channel.publish("amq.topic", "k", Buffer.from("x"));
    expect(await error).toMatchObject({ code: replyCode, classId: 60, methodId: 40 });
    expect(((await error) as Error).message).toContain(message);
  });

  test("from 500 on closes the connection", async () => {
    scene.broker.faults.refusePublishes({ replyCode: 541, text: "disk on fire" });
    const connection = await scene.dial();
    const error = new Promise((resolve) => {
      connection.on("error", resolve);
    });
    (await connection.createChannel()).sendToQueue("q", Buffer.from("x"));
    expect(((await error) as Error).message).toContain("INTERNAL_ERROR - disk on fire");
  });
});

test("a publish for which there is no route is returned before its ack", async () => {
  scene.broker.faults.unroutePublishes({ times: 1 });
  const channel = await scene.confirmChannel();
  const seen: string[] = [];
  channel.on("return", ({ fields }) =>
    seen.push(`returned ${(fields as unknown as { replyCode: number }).replyCode}`),
  );
  await new Promise((resolve) => {
    channel.sendToQueue("q", Buffer.from("x"), { mandatory: true }, resolve);
  });
  seen.push("acked");
  expect(seen).toEqual(["returned 312", "acked"]);
  expect(await scene.readyCount()).toBe(0);
});

test("a broker that lies confirms what it loses", async () => {
  scene.broker.faults.losePublishes({ every: 2 });
  const answers = await Promise.all(publishAll(await scene.confirmChannel(), ["1", "2"]));
  expect(answers).toEqual(["ack", "ack"]);
  expect(await scene.readyCount()).toBe(1);
});

describe("a fault", () => {
  test("counts only those that it fits", async () => {
    const { faults } = scene.broker;
    const fits = faults.nackConfirms({ exchange: "", routingKey: "q", user: "guest", vhost: "/", every: 2 });
    const other = [{ exchange: "amq.topic" }, { routingKey: "r" }, { user: "root" }, { vhost: "v" }].map(
      (choice) => faults.dropConfirms(choice),
    );
    expect(await Promise.all(publishAll(await scene.confirmChannel(), ["1", "2"]))).toEqual(["ack", "nack"]);
    expect(fits.struckCount).toBe(1);
    expect(other.map(({ struckCount }) => struckCount)).toEqual([0, 0, 0, 0]);
  });

  test("has a condition that sees the whole publish", async () => {
    const seen: unknown[] = [];
    scene.broker.faults.nackConfirms({
      when: (publish) => {
        seen.push(publish);
        return publish.body.toString() === "bad";
      },
    });
    const channel = await scene.confirmChannel();
    const options = { messageId: "m-1", type: "t", headers: { n: 1, inner: { list: ["a"] } } };
    const answer = await new Promise((resolve) => {
      channel.sendToQueue("q", Buffer.from("bad"), options, resolve);
    });
    expect(answer).toBeInstanceOf(Error);
    expect(seen).toEqual([
      {
        vhost: "/",
        user: "guest",
        exchange: "",
        routingKey: "q",
        mandatory: false,
        messageId: "m-1",
        type: "t",
        headers: { n: 1, inner: { list: ["a"] } },
        body: Buffer.from("bad"),
      },
    ]);
  });

  test("keeps from those after it what it happens to", async () => {
    const first = scene.broker.faults.nackConfirms({ every: 2 });
    const second = scene.broker.faults.nackConfirms({ every: 2 });
    const answers = await Promise.all(publishAll(await scene.confirmChannel(), ["1", "2", "3", "4"]));
    expect(answers).toEqual(["ack", "nack", "nack", "nack"]);
    expect([first.struckCount, second.struckCount]).toEqual([2, 1]);
  });

  test("ends with its block, the others stay", async () => {
    const channel = await scene.confirmChannel();
    const all = scene.broker.faults.nackConfirms({ when: ({ body }) => body.toString() === "2" });
    {
      using _ = scene.broker.faults.nackConfirms();
      expect(await Promise.all(publishAll(channel, ["1"]))).toEqual(["nack"]);
    }
    expect(await Promise.all(publishAll(channel, ["1", "2"]))).toEqual(["ack", "nack"]);
    all.remove();
    expect(await Promise.all(publishAll(channel, ["2"]))).toEqual(["ack"]);
  });

  test("without confirms has nobody to answer", async () => {
    const lost = scene.broker.faults.refusePublishes();
    const unasked = scene.broker.faults.dropConfirms();
    (await scene.channel()).sendToQueue("q", Buffer.from("x"));
    await lost.struckTimes(1);
    expect(unasked.struckCount).toBe(0);
    expect(await scene.readyCount()).toBe(0);
  });
});
