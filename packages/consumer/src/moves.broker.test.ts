import { LaunchError, type RabbitMqNode, startRabbitMq } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { afterAll, beforeAll, describe } from "vitest";
import { type MovesBroker, movesSuite } from "./moves.suite.ts";

const stranger = { name: "stranger", password: "stranger" } as const;

function asStranger(url: string): MovesBroker {
  const strangers = new URL(url);
  strangers.username = stranger.name;
  strangers.password = stranger.password;
  return { url, strangersUrl: strangers.href, stranger: stranger.name };
}

describe("the installed RabbitMQ", () => {
  const broker = useBroker();
  beforeAll(async () => {
    await broker.control.addUser({ ...stranger, permissions: { [broker.vhost]: {} } });
  });
  movesSuite(() => asStranger(broker.url));
});

/** The first RabbitMQ 4 on a machine takes minutes: a Debian is put in place for it. */
async function start4(): Promise<RabbitMqNode | LaunchError> {
  try {
    return await startRabbitMq({ version: "4", users: [stranger] });
  } catch (error) {
    if (error instanceof LaunchError) return error;
    throw error;
  }
}

const node = await start4();
const missing = node instanceof LaunchError;

describe.skipIf(missing)(`RabbitMQ 4${missing ? `: ${node.message}` : ""}`, () => {
  afterAll(() => (node as RabbitMqNode).close());
  movesSuite(() => asStranger((node as RabbitMqNode).url));
});
