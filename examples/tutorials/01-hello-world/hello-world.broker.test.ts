import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";

const broker = useBroker();

function run(program: string): {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly says: (text: string) => Promise<void>;
} {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "--conditions=dev", join(import.meta.dirname, program)],
    {
      env: { ...process.env, AMQP_URL: broker.url },
    },
  );
  let output = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      for (const listener of listeners) listener();
    });
  }
  const says = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (output.includes(text)) resolve();
      };
      listeners.add(look);
      look();
    });
  return { child, output: () => output, says };
}

const exitOf = (child: ChildProcess): Promise<number | NodeJS.Signals | null> =>
  new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));

test("the sender exits by itself and the receiver prints the message, then ends on Ctrl-C", async () => {
  const sender = run("send.ts");
  expect(await exitOf(sender.child), sender.output()).toBe(0);
  expect(sender.output()).toBe(" [x] Sent 'Hello World!'\n");

  const receiver = run("receive.ts");
  await receiver.says(" [x] Received Hello World!");
  await receiver.says(" [*] Waiting for messages. To exit press CTRL+C\n");
  receiver.child.kill("SIGINT");
  expect(await exitOf(receiver.child), receiver.output()).toBe("SIGINT");
  expect(receiver.output().split("\n").toSorted()).toEqual([
    "",
    " [*] Waiting for messages. To exit press CTRL+C",
    " [x] Received Hello World!",
  ]);
});
