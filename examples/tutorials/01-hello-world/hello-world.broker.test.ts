import { join } from "node:path";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { type Program, runProgram } from "../../program.test-support.ts";

const broker = useBroker();

const run = (program: string): Program =>
  runProgram(join(import.meta.dirname, program), { AMQP_URL: broker.url });

test("the sender exits by itself and the receiver prints the message, then ends on Ctrl-C", async () => {
  const sender = run("send.ts");
  expect(await sender.ended, sender.output()).toBe(0);
  expect(sender.output()).toBe(" [x] Sent 'Hello World!'\n");

  const receiver = run("receive.ts");
  await receiver.says(" [x] Received Hello World!");
  await receiver.says(" [*] Waiting for messages. To exit press CTRL+C\n");
  receiver.kill("SIGINT");
  expect(await receiver.ended, receiver.output()).toBe("SIGINT");
  expect(receiver.output().split("\n").toSorted()).toEqual([
    "",
    " [*] Waiting for messages. To exit press CTRL+C",
    " [x] Received Hello World!",
  ]);
});
