import type { WarrenError } from "@warren/message";
import { expect, test } from "vitest";
import { resolveConnectOptions } from "../connect-options.ts";
import { Connection } from "../connection.ts";

test("whoever waits for something on its channel hears once that it is closed, by itself or with its connection", async () => {
  await using connection = new Connection(resolveConnectOptions("amqp://127.0.0.1:1"));
  const heard: WarrenError[] = [];
  const channel = connection.channels.confirm({ down: (error) => heard.push(error) });
  connection.channels.confirm({ down: (error) => heard.push(error) });
  await channel.close();
  expect(heard.map(({ code }) => code)).toEqual(["PUBLISHER_CLOSED"]);
  await connection.close();
  expect(heard.map(({ code }) => code)).toEqual(["PUBLISHER_CLOSED", "CONNECTION_CLOSED"]);
});
