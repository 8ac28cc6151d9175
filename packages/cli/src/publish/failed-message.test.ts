import { BrokerError, ConnectionError } from "@warren/message";
import { expect, test } from "vitest";
import { failedMessage } from "./failed-message.ts";

const messageId = "m";
const missing = new BrokerError("BROKER_NOT_FOUND", "there is no exchange e", {
  replyCode: 404,
  replyText: "NOT_FOUND",
  scope: "channel",
});
const gone = new ConnectionError("CONNECTION_CLOSED", "the connection is closed");

type Failed = Parameters<typeof failedMessage>[1];

function told(confirmation: Failed, exchange = ""): ReturnType<typeof failedMessage> {
  const message = { publishing: { exchange, routingKey: "k", body: Buffer.from("x") } };
  return failedMessage({ seq: 7, message, confirmation }, confirmation);
}

test.each<[Failed, string, number, RegExp]>([
  [
    { status: "returned", messageId, stored: "no", replyCode: 312, replyText: "NO_ROUTE" },
    "PUBLISH_RETURNED",
    4,
    /^message 7 to the queue "k": returned, no queue takes it \(312 NO_ROUTE\)$/,
  ],
  [{ status: "nacked", messageId, stored: "maybe" }, "PUBLISH_NACKED", 5, /nacked, a queue refused it/],
  [
    { status: "timed-out", messageId, stored: "maybe", afterMs: 200 },
    "PUBLISH_TIMEOUT",
    6,
    /no confirm after 200 ms; it may be stored$/,
  ],
  [
    { status: "timed-out", messageId, stored: "no", afterMs: 200 },
    "PUBLISH_TIMEOUT",
    75,
    /no confirm after 200 ms; it was not sent$/,
  ],
  [{ status: "unknown", messageId, stored: "maybe", error: gone }, "PUBLISH_UNKNOWN", 6, /is closed$/],
  [{ status: "refused", messageId, stored: "no", error: missing }, "BROKER_NOT_FOUND", 66, /no exchange e$/],
])("%j is told as an error with a code, an exit code and words", (confirmation, code, exit, message) => {
  expect(told(confirmation)).toMatchObject({ code, exit, message: expect.stringMatching(message) });
});

test("a returned message asks for the queue, or for the binding", () => {
  const returned: Failed = {
    status: "returned",
    messageId,
    stored: "no",
    replyCode: 312,
    replyText: "NO_ROUTE",
  };
  expect(told(returned).hint).toMatch(/^Does the queue exist\?/);
  expect(told(returned, "orders")).toMatchObject({
    message: expect.stringContaining('to "orders" with the key "k"'),
    hint: "Is a queue bound to the exchange for this key?",
  });
});
