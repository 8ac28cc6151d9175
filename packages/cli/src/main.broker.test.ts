import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { shell, spawnCli, useQueue } from "./cli.test-support.ts";

const broker = useBroker();
const the = useQueue(broker);

test("consume | head -3 exits with 0 and without a stack trace, and nearly all that head has not read is still the queue's", async () => {
  await the.fill(...Array.from({ length: 1_000 }, (_, i) => `m${i}`));
  const script = `warren consume "${the.queue}" | head -3; echo "exit \${PIPESTATUS[0]}"`;
  const { stdout, stderr } = await shell(script, { AMQP_URL: broker.url });
  expect(stdout.toString()).toBe("m0\nm1\nm2\nexit 0\n");
  expect(stderr).not.toMatch(/EPIPE|^\s+at /m);
  // 997, where head has its turn within a pause; all 1,000 would fit into the pipe.
  expect(await the.ready()).toBeGreaterThanOrEqual(968);
});

test("with --pipefail-strict a reader that goes away is exit code 141", async () => {
  await the.fill("a", "b", "c");
  const script = `warren consume "${the.queue}" --pipefail-strict | head -1; echo "exit \${PIPESTATUS[0]}"`;
  const { stdout } = await shell(script, { AMQP_URL: broker.url });
  expect(stdout.toString()).toBe("a\nexit 141\n");
});

test("a full disk exits with 74, and the message stays in the queue", async () => {
  await the.fill("a");
  const script = `warren consume "${the.queue}" -n 1 > /dev/full; echo "exit $?"`;
  const { stdout, stderr } = await shell(script, { AMQP_URL: broker.url });
  expect(stdout.toString()).toBe("exit 74\n");
  expect(stderr).toBe("warren: cannot write the output: ENOSPC\n");
  expect(await the.ready()).toBe(1);
});

test("[C11] a consumer that is killed between output and ack shows the messages again", async () => {
  await the.fill("a", "b", "c");
  const port = Number(new URL(broker.url).port || 5672);
  await using proxy = await startFaultProxy({ target: { port } });
  using frames = proxy.frames();
  // No ack can arrive: what is printed from here on is between output and ack until the end.
  const consuming = frames.next("basic.consume-ok", "toClient").then(() => proxy.blackHole("toServer"));
  const child = spawnCli(["consume", the.queue], { AMQP_URL: proxy.url(broker.url) });
  let printed = "";
  for await (const chunk of child.stdout) {
    printed += String(chunk);
    if (printed === "a\nb\nc\n") child.kill("SIGKILL");
  }
  await consuming;
  proxy.reset();
  const { stdout } = await the.warren(["consume", the.queue, "-n", "3", "--timeout", "10s"]);
  expect(stdout.toString()).toBe("a\nb\nc\n");
});

test("nothing is acked before its reader has taken it", async () => {
  await the.warren(["publish", "-Q", the.queue], { stdin: Buffer.alloc(8 * 1024 * 1024, "x") });
  await using proxy = await startFaultProxy({ target: { port: Number(new URL(broker.url).port || 5672) } });
  using frames = proxy.frames();
  const argv = ["consume", the.queue, "-n", "1", "--heartbeat", "1"];
  const child = spawnCli(argv, { AMQP_URL: proxy.url(broker.url) });
  await frames.passed(1, "basic.deliver", "toClient");
  // The pipe is full and nobody reads it. Heartbeats show that the command is alive and could have acked.
  for (let beat = 0; beat < 2; beat++) await frames.next((frame) => frame.type === "heartbeat", "toServer");
  expect(frames.count("basic.ack", "toServer")).toBe(0);
  child.stdout.resume();
  const [exit] = (await once(child, "close")) as [number];
  expect({ exit, acks: frames.count("basic.ack", "toServer") }).toEqual({ exit: 0, acks: 1 });
});

test("[C8] SIGTERM lets it finish and exits with 0; nothing that was printed comes again", async () => {
  await the.fill("a", "b");
  const child = spawnCli(["consume", the.queue], { AMQP_URL: broker.url });
  let lines = "";
  child.stdout.on("data", (chunk: Buffer) => {
    lines += chunk.toString();
    if (lines === "a\nb\n") child.kill("SIGTERM");
  });
  const [exit] = (await once(child, "close")) as [number];
  expect({ exit, lines, ready: await the.ready() }).toEqual({ exit: 0, lines: "a\nb\n", ready: 0 });
});

test("a second SIGINT ends it at once with 130, while the first still waits for a confirm", async () => {
  await using proxy = await startFaultProxy({ target: { port: Number(new URL(broker.url).port || 5672) } });
  using frames = proxy.frames();
  const published = frames.next("basic.publish", "toServer").then(() => proxy.blackHole("toClient"));
  proxy.delay({ delayMs: 20, direction: "toClient" });
  const child = spawnCli(["publish", "-Q", the.queue, "x"], { AMQP_URL: proxy.url(broker.url) });
  await published;
  child.kill("SIGINT");
  const [told] = (await once(child.stderr, "data")) as [Buffer];
  expect(told.toString()).toContain("once more to stop at once");
  child.kill("SIGINT");
  const [exit] = (await once(child, "close")) as [number];
  expect(exit).toBe(130);
});

test("S8: no secret stands in the arguments of the process, also when the URL on the command line held one", async () => {
  const silent = createServer();
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const url = `amqp://me:canary-1@127.0.0.1:${port}`;
  const child = spawnCli(["consume", "q", "--url", url], { WARREN_PASSWORD: "canary-2" });
  const closed = once(child, "close");
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const [socket] = (await once(silent, "connection")) as [{ destroy(): void }];
  const seen = await readFile(`/proc/${child.pid}/cmdline`, "latin1");
  child.kill("SIGINT");
  socket.destroy();
  await closed;
  silent.close();
  expect(seen).toContain("warren");
  expect(seen + said).not.toContain("canary");
  expect(said).toContain("the password in --url can be seen by other users");
});

test("the file of failures cannot be stdin either, whatever it is called", async () => {
  const script = `d=$(mktemp -d); echo '{"body":"x"}' > $d/f; ln $d/f $d/other
    warren publish -Q "${the.queue}" --input envelope --failed-to $d/other < $d/f; echo "exit $?"
    warren publish -Q "${the.queue}" --input envelope --failed-to $d/other --file $d/f; echo "exit $?"
    warren publish -Q "${the.queue}" x --failed-to /dev/null < /dev/null; echo "exit $?"
    rm -r $d`;
  const { stdout, stderr } = await shell(script, { AMQP_URL: broker.url });
  expect(stdout.toString()).toBe("exit 64\nexit 64\nexit 0\n");
  expect(stderr).toContain("other cannot be the input and --failed-to at once");
  expect(await the.ready()).toBe(1);
});
