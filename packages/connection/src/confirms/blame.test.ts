import { BrokerError, ConnectionError } from "@warren/message";
import { expect, test } from "vitest";
import { blamesPublish, mayBlamePublish } from "./blame.ts";

function closed(replyCode: number, scope: "channel" | "connection", method?: string): BrokerError {
  const details = { replyCode, replyText: "", scope };
  return new BrokerError("BROKER_REFUSED", "closed", method === undefined ? details : { ...details, method });
}

test.each([501, 502, 541])("%i may be about a publish when it closes the connection", (replyCode) => {
  expect(mayBlamePublish(closed(replyCode, "connection"))).toBe(true);
  expect(mayBlamePublish(closed(replyCode, "channel"))).toBe(false);
});

test.each([320, 402, 503, 504, 505, 506, 530, 540])("%i is never about a publish", (replyCode) => {
  expect(mayBlamePublish(closed(replyCode, "connection"))).toBe(false);
});

test("a permission that is missing because the token has ended, by the text or the clock, blames no publish", () => {
  const refused = (replyText: string): BrokerError =>
    new BrokerError("BROKER_ACCESS_REFUSED", replyText, {
      replyCode: 403,
      replyText,
      scope: "channel",
      method: "basic.publish",
    });
  const plain = refused("ACCESS_REFUSED - access to exchange 'e' in vhost '/' refused for user 'u'");
  const ended = refused(
    "ACCESS_REFUSED - access to exchange 'e' in vhost '/' refused for user 'u', backend rabbit_auth_backend_oauth2 returned an error: Provided JWT token has expired at timestamp 1",
  );
  expect(blamesPublish(plain)).toBe(true);
  expect(blamesPublish(plain, true)).toBe(false);
  expect(blamesPublish(ended)).toBe(false);
});

test("a lost connection and a refused declaration blame no publish", () => {
  expect(mayBlamePublish(new ConnectionError("CHANNEL_LOST", "reset"))).toBe(false);
  expect(blamesPublish(closed(404, "channel", "queue.declare"))).toBe(false);
  expect(blamesPublish(closed(404, "channel", "basic.publish"))).toBe(true);
});
