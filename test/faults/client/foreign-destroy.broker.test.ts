import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { on } from "@warren/consumer";
import { diagnostics, type DiagnosticsEvents } from "@warren/message";
import { createPublisher } from "@warren/publisher";
import { startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { recorded, Seen } from "../../guarantees/seen.ts";
import { createScene, nothingLeft } from "./client-scene.ts";

const broker = useBroker();

/** Every socket that a client in this process opens while the value is in scope, as any code can hear of it. */
function openedSockets(): Socket[] & Disposable {
  const sockets: Socket[] = [];
  const note = (event: unknown): void => void sockets.push((event as { readonly socket: Socket }).socket);
  subscribe("net.client.socket", note);
  return Object.assign(sockets, {
    [Symbol.dispose]: () => void unsubscribe("net.client.socket", note),
  });
}

test.each([{ heartbeatSeconds: 60 }, { heartbeatSeconds: 0 }])(
  "[C38] sockets that foreign code destroys without a word are noticed at once, with heartbeats of $heartbeatSeconds s",
  async ({ heartbeatSeconds }) => {
    await using proxy = await startFaultProxy({ target: broker });
    using sockets = openedSockets();
    await using scene = await createScene(broker.url, {
      by: proxy.url(broker.url),
      connect: { heartbeatSeconds },
    });
    using states = recorded<DiagnosticsEvents["connectionState"]>(diagnostics.connectionState);
    await using publisher = createPublisher(scene.connection);
    const handled = new Seen<string>();
    const consumer = await scene.consumer({ handlers: [on(scene.Order, ({ id }) => handled.add(id))] });
    await publisher.publish(scene.Order, { id: "before" });
    await handled.until(1);
    await consumer.idle();
    const ours = sockets.filter(({ remotePort }) => remotePort === proxy.port);
    expect(ours).toHaveLength(2);
    const startedAt = performance.now();
    for (const socket of ours) socket.destroy();
    await states.until(
      (all) => all.filter(({ to, error }) => to === "reconnecting" && error !== undefined).length === 2,
    );
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    await publisher.publish(scene.Order, { id: "after" });
    await handled.until(2);
    expect(handled.items).toEqual(["before", "after"]);
    expect(await scene.left()).toEqual(nothingLeft);
  },
);
