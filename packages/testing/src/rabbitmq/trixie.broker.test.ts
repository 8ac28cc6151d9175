import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readEnvironment } from "../environment.ts";
import { startRabbitMq } from "./start-rabbitmq.ts";

const isMade = existsSync(join(readEnvironment().cacheFolder, "trixie"));

test.skipIf(!isMade || process.getuid?.() !== 0)(
  "RabbitMQ 4 runs from its root folder and is commanded there",
  async () => {
    await using node = await startRabbitMq({ version: "4" });
    expect(node.version).toMatch(/^4\./);
    expect((await node.ctl("version")).trim()).toBe(node.version);
    await node.addVhost("here");
    expect(await node.evalErlang('rabbit_vhost:exists(<<"here">>)')).toBe("true");
  },
);
