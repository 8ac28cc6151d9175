import { describeRabbitMq, useBroker } from "@warren/testing/vitest";
import { beforeAll, describe } from "vitest";
import { type MovesBroker, movesSuite } from "./moves.suite.ts";

const stranger = { name: "stranger", password: "stranger" } as const;

function asStranger(url: string): MovesBroker {
  const strangers = new URL(url);
  strangers.username = stranger.name;
  strangers.password = stranger.password;
  return { url, strangersUrl: strangers.href, stranger: stranger.name };
}

describe("the broker of this run", () => {
  const broker = useBroker();
  beforeAll(async () => {
    if (broker.kind === "embedded") broker.embedded.addUser(stranger.name, stranger);
    else await broker.control.addUser({ ...stranger, permissions: { [broker.vhost]: {} } });
  });
  movesSuite(() => asStranger(broker.url));
});

describeRabbitMq("RabbitMQ 4", { version: "4", users: [stranger] }, (node) => {
  movesSuite(() => asStranger(node().url));
});
