import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { shell, useQueue } from "./cli.test-support.ts";

const broker = useBroker();
const the = useQueue(broker);

test("the commands of the README do what it says, one after the other", async () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const [, block] = /```sh\n(.*?)```/s.exec(readme)!;
  const commands = block!.trim().split("\n");
  const folder = await mkdtemp(join(tmpdir(), "warren-readme-"));
  // Names of its own: the queue, the files, and a key that nobody else listens to.
  const script = commands
    .map((command) =>
      command.replaceAll(/\b(?<![-/.])jobs\b(?!\.)/g, the.queue).replaceAll("order.placed", the.queue),
    )
    .map((command) => command.replaceAll(/\b(jobs\.ndjson|failed\.ndjson|body\.bin)/g, join(folder, "$1")))
    .map((command) => command.split("  #")[0]!)
    .map((command) => `${command} 2> /dev/null ${command.includes("> ") ? "" : "> /dev/null"}; echo $?`)
    .join("\n");
  const { stdout } = await shell(script, { AMQP_URL: broker.url });
  await rm(folder, { recursive: true });
  const expected = commands.map((command) => [command, /# exit (\d+)$/.exec(command)?.[1] ?? "0"]);
  const exits = stdout.toString().trim().split("\n");
  expect(commands.map((command, index) => [command, exits[index]])).toEqual(expected);
}, 120_000);
