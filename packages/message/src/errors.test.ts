import { inspect } from "node:util";
import { expect, test, vi } from "vitest";
import {
  BrokerError,
  ConfigError,
  ConnectionError,
  DeliveryError,
  PublishError,
  WarrenError,
} from "./errors.ts";

test("the message starts with the code and the sentence stands alone", () => {
  const error = new ConnectionError("CONNECT_FAILED", "nobody listens on localhost:5672", {
    cause: new Error("ECONNREFUSED"),
    context: { port: 5672 },
  });
  expect(error.message).toBe("[CONNECT_FAILED] nobody listens on localhost:5672");
  expect(error.sentence).toBe("nobody listens on localhost:5672");
  expect(error.name).toBe("ConnectionError");
  expect(error.context).toEqual({ port: 5672 });
  expect(Object.isFrozen(error.context)).toBe(true);
  expect((error.cause as Error).message).toBe("ECONNREFUSED");
});

test("an error without a cause has no cause property", () => {
  expect("cause" in new WarrenError("INVALID_OPTION", "no")).toBe(false);
});

test("an uncaught error says everything once", () => {
  const shown = (error: WarrenError): string => {
    error.stack = error.stack!.replaceAll(/\n {4}at .*/g, "");
    return inspect(error);
  };
  expect(shown(new ConfigError("INVALID_OPTION", "only one"))).toBe(
    "[ConfigError: [INVALID_OPTION] only one] { code: 'INVALID_OPTION' }",
  );
  expect(shown(new ConnectionError("CONNECT_FAILED", "no", { context: { port: 1 } }))).toContain(
    "context: { port: 1 }",
  );
  const cause = new BrokerError("BROKER_REFUSED", "no queue", {
    replyCode: 404,
    replyText: "no queue",
    scope: "channel",
  });
  const outcome = { status: "refused", stored: "no", messageId: "m-1", error: cause } as const;
  const error = new PublishError("PUBLISH_REFUSED", "refused", outcome, { cause });
  expect(error.outcome).toBe(outcome);
  expect(shown(error).match(/\[BROKER_REFUSED\]/g)).toHaveLength(1);
});

test("instanceof tells the families apart", () => {
  const error = new DeliveryError("DECODE_FAILED", "no");
  expect(error).toBeInstanceOf(Error);
  expect(error).toBeInstanceOf(WarrenError);
  expect(error).toBeInstanceOf(DeliveryError);
  expect(error).not.toBeInstanceOf(PublishError);
  expect(new WarrenError("INVALID_OPTION", "no")).not.toBeInstanceOf(ConfigError);
});

test("instanceof holds for an error of another installed copy, and for no stranger", async () => {
  vi.resetModules();
  const copy = await import("./errors.ts");
  expect(copy.DeliveryError).not.toBe(DeliveryError);
  const foreign = new copy.DeliveryError("DECODE_FAILED", "no");
  expect(foreign).toBeInstanceOf(DeliveryError);
  expect(foreign).toBeInstanceOf(WarrenError);
  expect(foreign).not.toBeInstanceOf(ConfigError);
  for (const stranger of [new Error("no"), { code: "DECODE_FAILED" }, null, "text"])
    expect(stranger instanceof WarrenError).toBe(false);
});

test("a subclass of an application is told apart from its base", () => {
  class OrderError extends DeliveryError {}
  expect(new OrderError("HANDLER_FAILED", "no")).toBeInstanceOf(DeliveryError);
  expect(new DeliveryError("HANDLER_FAILED", "no")).not.toBeInstanceOf(OrderError);
});

test("a ConfigError lists every problem", () => {
  expect(new ConfigError("INVALID_OPTION", "only one").message).toBe("[INVALID_OPTION] only one");
  const error = new ConfigError("INVALID_OPTION", ["one", "two"]);
  expect(error.message).toBe("[INVALID_OPTION] 2 problems:\n  - one\n  - two");
  expect(error.problems).toEqual(["one", "two"]);
});

test("a BrokerError says what the broker said", () => {
  const error = new BrokerError("BROKER_NOT_FOUND", "no queue 'x'", {
    replyCode: 404,
    replyText: "NOT_FOUND",
    method: "queue.declare",
    scope: "channel",
  });
  expect(error).toMatchObject({
    replyCode: 404,
    replyText: "NOT_FOUND",
    method: "queue.declare",
    scope: "channel",
  });
});
