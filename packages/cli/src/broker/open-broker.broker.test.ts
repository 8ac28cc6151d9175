import { diagnostics } from "@warren/message";
import { startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { describe, expect, test } from "vitest";
import { cli, useQueue } from "../cli.test-support.ts";

const broker = useBroker();
const the = useQueue(broker);

function at(change: (url: URL) => void): string {
  const url = new URL(broker.url);
  change(url);
  return url.href;
}

describe("a connection that cannot be made", () => {
  const cases: readonly (readonly [string, () => string, number, RegExp])[] = [
    ["a wrong password", () => at((url) => (url.password = "canary")), 77, /refuses the login/],
    ["a wrong port", () => at((url) => (url.port = "1")), 69, /nothing listens/],
    ["an unknown vhost", () => at((url) => (url.pathname = "/no-such-vhost")), 77, /no such vhost/],
    ["TLS to a plain port", () => broker.url.replace("amqp://", "amqps://"), 69, /does not speak TLS; use/],
    ["an unknown host", () => "amqps://me:canary@host.invalid", 69, /host\.invalid/],
    ["a password in clear text", () => "amqp://me:canary@host.invalid", 78, /--insecure/],
    ["a URL of another kind", () => "http://localhost", 64, /begins with amqp/],
  ];

  test.each(cases)("%s has its exit code, and says why", async (_what, url, exit, words) => {
    const told = await cli(["consume", the.queue, "--url", url()]);
    expect(told).toMatchObject({ exit, stderr: expect.stringMatching(words) });
    expect(told.stderr).not.toMatch(/^\s+at |canary/m);
    const json = await cli(["consume", the.queue, "--url", url(), "--json-errors", "-q"]);
    expect(JSON.parse(json.stderr)).toMatchObject({ exit, code: expect.stringMatching(/^[A-Z_]+$/) });
    expect(json.stderr).not.toContain("canary");
  });

  test("a stack trace is shown when it is asked for", async () => {
    const { stderr } = await cli(["consume", the.queue, "--url", at((url) => (url.port = "1")), "--debug"]);
    expect(stderr).toMatch(/^\s+at /m);
  });
});

test("the vhost and the user of the options win over the URL's; the password comes from a variable or from stdin", async () => {
  const url = at((changed) => {
    changed.username = "nobody";
    changed.password = "canary";
    changed.pathname = "/no-such-vhost";
  });
  const { username, password } = new URL(broker.url);
  const argv = ["publish", "-Q", the.queue, "x", "--vhost", broker.vhost, "--user", username || "guest"];
  const env = { AMQP_URL: url, WARREN_PASSWORD: password || "guest" };
  expect(await cli(argv, { env })).toMatchObject({ exit: 0 });
  const stdin = `${password || "guest"}\n`;
  expect(await cli([...argv, "--password-stdin"], { env: { AMQP_URL: url }, stdin })).toMatchObject({
    exit: 0,
  });
  expect(await cli(argv, { env: { AMQP_URL: url } })).toMatchObject({ exit: 64 });
});

const target = () => ({ port: Number(new URL(broker.url).port || 5672) });

describe("--wait", () => {
  test("waits for a broker that is not there yet, and says so without the password", async () => {
    await using proxy = await startFaultProxy({ target: target() });
    proxy.refuse();
    const back = (event: unknown): void => {
      // By then it was long enough away to be told.
      if ((event as { attempt: number }).attempt === 4) void proxy.heal();
    };
    diagnostics.connectFailed.subscribe(back);
    const url = new URL(proxy.url(broker.url));
    const env = { AMQP_URL: url.href };
    const { exit, stderr } = await cli(["publish", "-Q", the.queue, "x", "--wait", "30s"], { env });
    diagnostics.connectFailed.unsubscribe(back);
    expect(exit).toBe(0);
    expect(stderr).toMatch(/^warren: nothing listens on .*\(trying again for 30s: --wait\)\n1 published/);
    expect(stderr).not.toContain(`:${url.password || "guest"}@`);
  });

  test("is over when the time is, silent with -q, and no use with a wrong password", async () => {
    const argv = ["consume", the.queue, "--wait"];
    const closed = await cli([...argv, "300ms", "-q", "--url", at((url) => (url.port = "1"))]);
    expect(closed).toMatchObject({
      exit: 69,
      stderr: expect.stringMatching(/^warren: no connection within 300 ms: nothing listens on .*\n$/),
    });
    const wrong = await cli([...argv, "30s", "--url", at((url) => (url.password = "canary"))]);
    expect(wrong.exit).toBe(77);
    expect(wrong.stderr).not.toContain("trying again");
  });
});

test("a second connection that cannot be made is told, and given up after --max-reconnect-time", async () => {
  await using proxy = await startFaultProxy({ target: target() });
  using frames = proxy.frames();
  const first = frames.next("connection.open-ok", "toClient").then(() => proxy.refuse());
  const argv = ["publish", "-Q", the.queue, "x", "--max-reconnect-time", "300ms"];
  const { exit, stderr } = await cli(argv, { env: { AMQP_URL: proxy.url(broker.url) } });
  await first;
  expect(exit).toBe(69);
  expect(stderr).toMatch(
    /^warren: cannot connect for publishing: .*\(trying again for 300ms: --max-reconnect-time\)/,
  );
  expect(stderr).toContain("a second connection could not be made within 300ms");
});

describe("a connection that is lost", () => {
  test("is made again, and the consumer goes on", async () => {
    await using proxy = await startFaultProxy({ target: target() });
    await the.fill("a");
    let cut = false;
    const stdout = () => {
      if (cut) return;
      cut = true;
      proxy.reset();
      void the.fill("b");
    };
    const { exit, stderr } = await the.warren(
      ["consume", the.queue, "--url", proxy.url(broker.url), "-n", "2"],
      { stdout },
    );
    expect(exit).toBe(0);
    expect(stderr).toMatch(/connection lost: .* \(connecting again for 30s: --max-reconnect-time\)/);
  });

  test("and does not come back within --max-reconnect-time exits with 69", async () => {
    await using proxy = await startFaultProxy({ target: target() });
    await the.fill("a");
    const stdout = () => {
      proxy.refuse();
      proxy.reset();
    };
    const argv = ["consume", the.queue, "--url", proxy.url(broker.url), "--max-reconnect-time", "300ms"];
    const { exit, stderr } = await the.warren(argv, { stdout });
    expect(exit).toBe(69);
    expect(stderr).toContain("did not come back within 300ms");
  });

  test("under a publish leaves what was in flight with an unknown fate: 6, and in the file of failures", async () => {
    await using proxy = await startFaultProxy({ target: target() });
    using frames = proxy.frames();
    // The broker's answers are held back from the first publish on, so that it is in flight when the line is cut.
    const cut = async (): Promise<void> => {
      await frames.next("basic.publish", "toServer");
      proxy.refuse();
      proxy.reset();
    };
    proxy.delay({ delayMs: 50, direction: "toClient" });
    const argv = [
      "publish",
      "-Q",
      the.queue,
      "x",
      "--url",
      proxy.url(broker.url),
      "--max-reconnect-time",
      "300ms",
      "-o",
      "ndjson",
    ];
    const [{ exit, stdout, stderr }] = await Promise.all([the.warren(argv), cut()]);
    expect(exit).toBe(6);
    // Both sockets are lost at once: to a user that is one loss.
    expect(stderr.match(/connection lost/g)).toHaveLength(1);
    expect(JSON.parse(stdout.toString())).toMatchObject({ status: "unknown", stored: "maybe" });
  });
});
