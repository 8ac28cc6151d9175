import { afterEach, expect, test } from "vitest";
import { checkGiven } from "./check-given.ts";
import {
  publishAllOptionRules,
  publishControlRules,
  publishingRules,
  publishOptionRules,
} from "./publish-options.ts";
import { requestManyOptionRules, requestOptionRules } from "./request-options.ts";

afterEach(() => {
  delete (Object.prototype as Record<string, unknown>)["polluted"];
});

test.each([
  [{ mandatry: false }, `unknown option "mandatry". Did you mean "mandatory"?`],
  [{ mandatory: "no" }, `mandatory must be true or false, not "no"`],
  [{ confirmTimeoutMs: "5s" }, `confirmTimeoutMs must be a whole number from 1 to 2147483647, not "5s"`],
  [{ signal: {} }, "signal must be an AbortSignal, not an object"],
  [{ signal: Object.create(AbortSignal.prototype) }, "signal must be an AbortSignal, not an object"],
  [{ timestamp: 1 }, "timestamp must be a Date, not 1"],
  [{ headers: null }, "headers must be an object, not null"],
  [{ toString: 1 }, `unknown option "toString"`],
  [null, "options must be an object, not null"],
])("the options %j of a publish are refused", (given, problem) => {
  expect(() => checkGiven(given as object, publishOptionRules)).toThrow(`[PUBLISH_INVALID] ${problem}`);
});

test("everything that is wrong is told at once, reserved headers and what the channel checks included", () => {
  const given = {
    messageID: "m-1",
    expiration: 5,
    headers: { "x-death": 1, own: 1, "x-warren-a": 1 },
    priority: "high",
    mandatory: "no",
  };
  expect(() => checkGiven(given, publishOptionRules)).toThrow(
    expect.objectContaining({
      code: "PUBLISH_INVALID",
      context: {
        problems: [
          'unknown option "messageID". Did you mean "messageId"?',
          'unknown option "expiration". Did you mean "expirationMs"?',
          "headers.x-death is reserved: the broker writes it",
          "headers.x-warren-a is reserved: Warren writes x-warren-*",
          'priority must be a whole number from 0 to 255, not "high"',
          'mandatory must be true or false, not "no"',
        ],
      },
    }),
  );
});

test("each way to publish has the names that its types have", () => {
  const body = Buffer.alloc(0);
  checkGiven({ messageId: "m-1", replay: false, priority: undefined }, publishOptionRules);
  checkGiven({ exchange: "", routingKey: "q", body, type: "t", mandatory: true }, publishingRules);
  checkGiven({ timeoutMs: 5, reply: { routingKeyFor: () => "" } }, requestOptionRules);
  checkGiven({ replies: 2, maxBufferedReplies: 5, maxBufferedBytes: 5 }, requestManyOptionRules);
  expect(() => checkGiven({ replies: 2 }, requestOptionRules)).toThrow("unknown option");
  expect(() => checkGiven({ reply: {} }, requestOptionRules)).toThrow("must be a message of defineMessage");
  expect(() => checkGiven({ messageId: "m-1" }, publishAllOptionRules)).toThrow("unknown option");
  expect(() => checkGiven({ messageId: "m-1" }, publishControlRules)).toThrow("unknown option");
  expect(() => checkGiven({ exchange: "", routngKey: "q" }, publishingRules)).toThrow("routingKey");
  expect(() => checkGiven({ replay: true }, requestOptionRules)).toThrow("unknown option");
});

test("what a polluted Object.prototype holds is no option", () => {
  (Object.prototype as Record<string, unknown>)["polluted"] = "leak";
  expect(() => checkGiven({ mandatory: true }, publishOptionRules)).not.toThrow();
});
