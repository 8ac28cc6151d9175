import { expect, test } from "vitest";
import { redact } from "./redact.ts";

test.each([
  ["amqp://me:s3cret@host:5672/vhost", "amqp://me:***@host:5672/vhost"],
  [
    "cannot reach amqps://me:p%40ss@a,amqp://you:word@b: refused",
    "cannot reach amqps://me:***@a,amqp://you:***@b: refused",
  ],
  ["amqp://me:p@ss/w,rd?@host/v", "amqp://me:***@host/v"],
  ["amqp://:only@host", "amqp://:***@host"],
  ["amqp://me@host and http://plain:80/path", "amqp://me@host and http://plain:80/path"],
])("S5: %s is shown as %s", (text, masked) => {
  expect(redact(text)).toBe(masked);
});

test("S5: a secret that is known is masked wherever it stands, one that would mask everything is not", () => {
  expect(redact("login with hunter2 failed (hunter2)", ["hunter2", "a", ""])).toBe(
    "login with *** failed (***)",
  );
});
