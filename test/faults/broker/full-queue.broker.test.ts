import { setTimeout } from "node:timers/promises";
import { connect } from "@warren/connection";
import { diagnostics, type DiagnosticsEvents } from "@warren/message";
import { createPublisher } from "@warren/publisher";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { recorded, Seen } from "../../guarantees/seen.ts";

const broker = useBroker();

test("[B18] beside a queue that stays full all others are confirmed, once and in order; channels are renewed with growing pauses", async () => {
  const [full, roomy] = [broker.name("full"), broker.name("roomy")];
  const transient = { durable: false, exclusive: false, autoDelete: false };
  const name = full;
  await using connection = await connect(broker.url, { name });
  await connection.channels.withChannel(async (channel) => {
    const limits = { "x-max-length": 1, "x-overflow": "reject-publish" };
    await channel.declareQueue(full, { ...transient, arguments: limits });
    await channel.declareQueue(roomy, { ...transient, arguments: {} });
  });
  const arrived = new Seen<string>();
  connection.channels.consume({
    queue: roomy,
    prefetch: 1_000,
    noAck: true,
    delivered: ({ content }) => arrived.add(content.toString()),
  });
  using renewals = recorded<DiagnosticsEvents["channelRenewed"]>(diagnostics.channelRenewed);
  using closes = recorded<DiagnosticsEvents["channelClosed"]>(diagnostics.channelClosed);
  await using publisher = createPublisher(connection);
  const publish = (routingKey: string, body: string): Promise<unknown> =>
    publisher.publish({ exchange: "", routingKey, body: Buffer.from(body), persistent: false });
  const nacked = (async () => {
    const codes = new Set<unknown>();
    // What it holds before it nacks.
    for (let at = 0; at < 3; at++) await publish(full, "x").catch(() => undefined);
    while (renewals.items.length < 3)
      await publish(full, "x").catch(({ code }: { code: unknown }) => codes.add(code));
    return codes;
  })();
  const confirms: Promise<unknown>[] = [];
  while (renewals.items.length < 3) {
    confirms.push(publish(roomy, `${confirms.length}`));
    await setTimeout(1);
  }
  await Promise.all(confirms);
  expect(await nacked).toEqual(new Set(["PUBLISH_NACKED"]));
  await arrived.until(confirms.length);
  expect(arrived.items).toEqual(confirms.map((_, number) => `${number}`));
  expect(renewals.items.map(({ routingKey }) => routingKey)).toEqual([full, full, full]);
  for (const [at, { nackingMs, nackedCount }] of renewals.items.entries()) {
    expect(nackingMs).toBeGreaterThanOrEqual(1_000 * 2 ** at);
    expect(nackedCount).toBeGreaterThan(10);
  }
  expect(closes.items.filter(({ connection }) => connection === name)).toHaveLength(3);
  await connection.channels.withChannel(async (channel) => {
    await channel.deleteQueue(full);
    await channel.deleteQueue(roomy);
  });
});

test("[B18] a channel on which something was set up, such as a consumer of replies, is not renewed", async () => {
  const full = broker.name("full");
  await using connection = await connect(broker.url, { name: full });
  await connection.channels.withChannel((channel) =>
    channel.declareQueue(full, {
      durable: false,
      exclusive: false,
      autoDelete: false,
      arguments: { "x-max-length": 1, "x-overflow": "reject-publish" },
    }),
  );
  using renewals = recorded<DiagnosticsEvents["channelRenewed"]>(diagnostics.channelRenewed);
  await using bare = connection.channels.confirm({ name: "bare" });
  await using setUp = connection.channels.confirm({ name: "set up", setup: () => Promise.resolve() });
  while (renewals.items.length < 2)
    for (const channel of [setUp, bare])
      await channel.publish({ exchange: "", routingKey: full, body: Buffer.from("x") });
  expect(renewals.items.map(({ channel }) => channel)).toEqual(["bare", "bare"]);
  await connection.channels.withChannel((channel) => channel.deleteQueue(full));
});
