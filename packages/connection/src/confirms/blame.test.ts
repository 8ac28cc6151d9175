import { BrokerError, ConnectionError } from "@warren/message";
import { expect, test } from "vitest";
import { blameFor } from "./blame.ts";

function closed(
  replyCode: number,
  scope: "channel" | "connection",
  method?: string,
  replyText = "",
): BrokerError {
  const details = { replyCode, replyText, scope };
  return new BrokerError("BROKER_REFUSED", "closed", method === undefined ? details : { ...details, method });
}

test.each([501, 502, 541])("%i may be about a publish when it closes the connection", (replyCode) => {
  expect(blameFor(closed(replyCode, "connection"), false).on).toBe("perhaps one");
  expect(blameFor(closed(replyCode, "channel"), false).on).toBe("none");
});

test.each([320, 402, 503, 504, 505, 506, 530, 540])("%i is never about a publish", (replyCode) => {
  expect(blameFor(closed(replyCode, "connection"), false).on).toBe("none");
});

test("a permission that is missing because the token has ended, by the text or the clock, blames no publish", () => {
  const text = "ACCESS_REFUSED - access to exchange 'e' in vhost '/' refused for user 'u'";
  const refused = (replyText: string): BrokerError => closed(403, "channel", "basic.publish", replyText);
  const ended = `${text}, backend rabbit_auth_backend_oauth2 returned an error: Provided JWT token has expired at timestamp 1`;
  expect(blameFor(refused(text), false).on).toBe("one");
  expect(blameFor(refused(text), true).on).toBe("none");
  expect(blameFor(refused(ended), false).on).toBe("none");
});

test("a token that has ended excuses nothing but a missing permission", () => {
  expect(blameFor(closed(404, "channel", "basic.publish"), true).on).toBe("one");
  expect(blameFor(closed(541, "connection"), true).on).toBe("perhaps one");
});

test("a lost connection and a refused declaration blame no publish", () => {
  expect(blameFor(new ConnectionError("CHANNEL_LOST", "reset"), false).on).toBe("none");
  expect(blameFor(closed(404, "channel", "queue.declare"), false).on).toBe("none");
  expect(blameFor(closed(404, "channel", "basic.publish"), false).on).toBe("one");
});
