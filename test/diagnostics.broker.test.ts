import { connect } from "@warren/connection";
import { createConsumer, on, reply } from "@warren/consumer";
import { deadLetter, defineMessage, diagnostics, type DiagnosticsEvents, retry } from "@warren/message";
import { createPublisher } from "@warren/publisher";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { Scene } from "./guarantees/scene.ts";
import { recorded } from "./guarantees/seen.ts";

const broker = useBroker();

test("each write and each outcome says whether it is a publish, a request, a reply or a move", async () => {
  await using scene = new Scene(broker.url);
  const Question = defineMessage({
    type: "question",
    exchange: scene.exchange,
    routingKey: "order.placed",
    schema: scene.Order.schema,
  });
  await using connection = await connect(broker.url, { topology: scene.topology });
  using writes = recorded<DiagnosticsEvents["publish"]>(diagnostics.publish);
  using outcomes = recorded<DiagnosticsEvents["confirm"]>(diagnostics.confirm);
  await using publisher = createPublisher(connection);
  await using consumer = createConsumer(connection, {
    queue: scene.queue,
    handlers: [
      on(scene.Order, (_order, { attempt }) =>
        attempt === 1 ? retry({ reason: "later" }) : deadLetter("enough"),
      ),
      reply(Question, ({ id }) => ({ id })),
    ],
  });
  await consumer.start();
  await publisher.publish(scene.Order, { id: "moves" });
  await publisher.request(Question, { id: "asked" });
  await outcomes.until(5);
  await consumer.stop();
  const keysOf = (purpose: string) =>
    writes.items.filter((write) => write.purpose === purpose).map(({ routingKey }) => routingKey);
  expect(keysOf("publish")).toEqual(["order.placed"]);
  expect(keysOf("request")).toEqual(["order.placed"]);
  expect(keysOf("reply")).toEqual([expect.stringMatching(/^amq\.rabbitmq\.reply-to\./)]);
  expect(keysOf("move")).toEqual([scene.waitQueues[0], scene.dead]);
  expect(outcomes.items.map(({ purpose }) => purpose).toSorted()).toEqual(
    writes.items.map(({ purpose }) => purpose).toSorted(),
  );
});
