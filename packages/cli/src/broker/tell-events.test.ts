import { ConnectionError, diagnostics } from "@warren/message";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tellEvents } from "./tell-events.ts";

const told: string[] = [];
let end: () => void;

beforeEach(() => {
  told.length = 0;
  end = tellEvents({ warn: (text) => told.push(text), info: () => undefined }, "warren publish", "for 30s");
});
afterEach(() => end());

function change(socket: "publish" | "consume", from: string, to: string): void {
  const error = new ConnectionError("CONNECTION_LOST", `reset while ${from}`);
  diagnostics.connectionState.publish({ connection: "warren publish", socket, from, to, error });
}

test("two sockets that are lost at once are one loss, and a later one is another", () => {
  change("publish", "open", "reconnecting");
  change("consume", "open", "reconnecting");
  change("consume", "reconnecting", "reconnecting");
  expect(told).toEqual(["connection lost: reset while open (connecting again for 30s)"]);
  change("consume", "reconnecting", "open");
  change("publish", "reconnecting", "open");
  change("consume", "blocked", "reconnecting");
  expect(told).toEqual([told[0], "connection lost: reset while blocked (connecting again for 30s)"]);
});
