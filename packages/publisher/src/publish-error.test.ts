import { BrokerError, ConnectionError, WarrenError } from "@warren/message";
import { expect, test } from "vitest";
import { publishError } from "./publish-error.ts";

const target = { exchange: "labels", routingKey: "label.north" };

test("sentence and context name the exchange, the key and the message", () => {
  const returned = { status: "returned", stored: "no", messageId: "m-1" } as const;
  const error = publishError({ ...returned, replyCode: 312, replyText: "NO_ROUTE" }, target);
  expect(error.message).toBe(
    '[PUBLISH_RETURNED] no queue took the publish to "labels" with the routing key "label.north": 312 NO_ROUTE; bind a queue with a key that matches, or publish with mandatory: false if nobody needs to hear it',
  );
  expect(error.context).toEqual({ ...target, messageId: "m-1" });
});

test("the default exchange is told as the queue, and what is not known is left out", () => {
  const outcome = { status: "nacked", stored: "maybe", messageId: "" } as const;
  expect(publishError(outcome, { exchange: "", routingKey: "jobs" }).sentence).toContain(
    'to the queue "jobs"',
  );
  const returned = {
    status: "returned",
    stored: "no",
    messageId: "",
    replyCode: 312,
    replyText: "NO_ROUTE",
  } as const;
  expect(publishError(returned, { exchange: "", routingKey: "jobs" }).sentence).toContain(
    '"jobs": 312 NO_ROUTE; declare that queue, or publish with mandatory: false',
  );
  expect(publishError(outcome, { exchange: "labels" }).sentence).toContain('the publish to "labels";');
  expect(publishError(outcome, {})).toMatchObject({ context: {} });
  expect(publishError(outcome, {}).sentence).toContain("refused the publish;");
});

test.each([
  [new WarrenError("PUBLISHER_CLOSED", "the publisher is closed"), "PUBLISHER_CLOSED"],
  [new ConnectionError("CONNECTION_CLOSED", "the connection is closed"), "CONNECTION_CLOSED"],
  [new ConnectionError("CHANNEL_LOST", "the channel is gone"), "PUBLISH_REFUSED"],
])("%s is not told as the broker's refusal", (error, code) => {
  const told = publishError({ status: "refused", stored: "no", messageId: "m-1", error }, target);
  expect(told).toMatchObject({ code, cause: error, context: target });
  expect(told.sentence).toMatch(/^the publish to "labels" .* was refused: the /);
});

test("a refusal of the broker is told as such", () => {
  const error = new BrokerError("BROKER_NOT_FOUND", "no exchange", {
    replyCode: 404,
    replyText: "no exchange",
    scope: "channel",
  });
  const told = publishError({ status: "refused", stored: "no", messageId: "m-1", error }, target);
  expect(told.message).toMatch(/^\[PUBLISH_REFUSED\] the broker refused the publish to "labels"/);
});

test("what is no name is shown as what it is", () => {
  const outcome = { status: "nacked", stored: "maybe", messageId: "" } as const;
  const nameless = { exchange: Symbol("orders") as never, routingKey: Object.create(null) as never };
  expect(publishError(outcome, nameless).sentence).toContain(
    "the publish to Symbol(orders) with the routing key an object;",
  );
  expect(publishError(outcome, { ...nameless, exchange: "" }).sentence).toContain("to the queue an object;");
});
