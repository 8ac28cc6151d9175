import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { bits, frame, shortstr } from "../harness/frames.ts";

describeBrokers("Heartbeats", (broker) => {
  test("come as often as the client asks, and a client that is silent meanwhile is cut off", async () => {
    const raw = await broker.rawSocket();
    await raw.login();
    raw.tune({ heartbeatSeconds: 1 });
    raw.send(0, "connection.open", shortstr(broker.vhost), shortstr(""), bits(false));
    expect((await raw.next()).name).toBe("connection.open-ok");
    const beats: string[] = [];
    for (;;) {
      const next = await raw.nextOrEnd();
      if (next === undefined) break;
      beats.push(`${next.type} on ${next.channel}: ${next.payload.length} bytes`);
    }
    expect(beats.length).toBeGreaterThanOrEqual(1);
    expect(new Set(beats)).toEqual(new Set(["8 on 0: 0 bytes"]));
  });

  test("of the client are taken at any time", async () => {
    const raw = await broker.raw();
    raw.write(frame(8, 0, Buffer.alloc(0)), frame(8, 0, Buffer.alloc(0)));
    await raw.openChannel(1);
    raw.write(frame(8, 0, Buffer.alloc(0)));
    expect((await raw.call(1, "channel.flow", bits(true))).name).toBe("channel.flow-ok");
  });
});
