import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { refused } from "../harness/refused.ts";

type Headers = Readonly<Record<string, unknown>>;

/** The arguments of a binding, the headers of a message, and whether it arrives. */
const cases: readonly (readonly [binding: Headers, message: Headers, arrives: boolean])[] = [
  [{ "x-match": "all", colour: "red", size: 5 }, { colour: "red", size: 5, more: true }, true],
  [{ "x-match": "all", colour: "red", size: 5 }, { colour: "red" }, false],
  [{ "x-match": "all", colour: "red", size: 5 }, { colour: "red", size: 6 }, false],
  [{ colour: "red", size: 5 }, { colour: "red" }, false],
  [{ colour: "red", size: 5 }, { colour: "red", size: 5 }, true],
  [{ "x-match": "any", colour: "red", size: 5 }, { colour: "red" }, true],
  [{ "x-match": "any", colour: "red", size: 5 }, { size: 5 }, true],
  [{ "x-match": "any", colour: "red", size: 5 }, { colour: "blue", size: 6 }, false],
  [{ "x-match": "any", colour: "red" }, {}, false],
  [{ "x-match": "all" }, {}, true],
  [{ "x-match": "all" }, { colour: "red" }, true],
  [{}, {}, true],
  [{ "x-match": "any" }, {}, false],
  [{ "x-match": "any" }, { colour: "red" }, false],
  [{ "x-match": "all", "x-kind": "new" }, {}, true],
  [{ "x-match": "all", "x-kind": "new" }, { "x-kind": "old" }, true],
  [{ "x-match": "all-with-x", "x-kind": "new" }, {}, false],
  [{ "x-match": "all-with-x", "x-kind": "new" }, { "x-kind": "new" }, true],
  [{ "x-match": "any", "x-kind": "new", size: 5 }, { "x-kind": "new" }, false],
  [{ "x-match": "any-with-x", "x-kind": "new", size: 5 }, { "x-kind": "new" }, true],
  [{ "x-match": "any-with-x", "x-kind": "new", size: 5 }, { size: 6 }, false],
  [{ size: 5 }, { size: 70_000 }, false],
  [{ size: 5 }, { size: "5" }, false],
  [{ size: 5 }, { size: { "!": "long", value: 5 } }, true],
  [{ half: 0.5 }, { half: 0.5 }, true],
  [{ flag: true }, { flag: true }, true],
  [{ flag: true }, { flag: "true" }, false],
  [{ anything: undefined }, {}, true],
  [{ anything: null }, { anything: "goes" }, true],
  [{ anything: null }, {}, false],
  [{ list: [1, "two"] }, { list: [1, "two"] }, true],
  [{ list: [1, "two"] }, { list: [1] }, false],
  [{ nested: { a: 1 } }, { nested: { a: 1 } }, true],
  [{ nested: { a: 1 } }, { nested: { a: 2 } }, false],
  [{ name: "Red" }, { name: "red" }, false],
];

describeBrokers("A headers exchange", (broker) => {
  test.each(cases)("bound with %j, a message with %j: %s", async (binding, headers, arrives) => {
    const exchange = await broker.exchange("headers");
    const queue = await broker.queue();
    await broker.bind(queue, exchange, "ignored", binding);
    await broker.publish(exchange, "any key", "here", { headers });
    expect(await broker.bodies(queue)).toEqual(arrives ? ["here"] : []);
  });

  test("takes a float for an integer of the same value before 4.0", async () => {
    const exchange = await broker.exchange("headers");
    const queue = await broker.queue();
    await broker.bind(queue, exchange, "", { size: 5 });
    await broker.publish(exchange, "", "here", { headers: { size: { "!": "double", value: 5 } } });
    expect(await broker.depth(queue)).toBe(broker.byVersion({ "3.10": 1, "4.0": 0 }));
  });

  test("takes a message without headers for one with none", async () => {
    const exchange = await broker.exchange("headers");
    const all = await broker.queue();
    const some = await broker.queue();
    await broker.bind(all, exchange, "", { "x-match": "all" });
    await broker.bind(some, exchange, "", { "x-match": "all", colour: "red" });
    await broker.publish(exchange, "", "bare");
    expect([await broker.depth(all), await broker.depth(some)]).toEqual([1, 0]);
  });

  test.each([
    ["some", `Invalid x-match field value <<"some">>; expected all, any, all-with-x, or any-with-x`],
    [1, "Invalid x-match field type byte (value 1); expected longstr"],
  ])("refuses a binding with x-match %j", async (match, complaint) => {
    const exchange = await broker.exchange("headers");
    const queue = await broker.queue();
    const channel = await broker.channel();
    expect(
      await refused(channel, () => channel.bindQueue(queue, exchange, "", { "x-match": match })),
    ).toEqual({ code: 406, text: `PRECONDITION_FAILED - ${complaint}` });
  });
});
