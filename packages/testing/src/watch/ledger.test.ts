import { expect, test } from "vitest";
import { fieldTable, longstr } from "../broker/codec/field-values.ts";
import type { FieldValue } from "../broker/codec/field-table.ts";
import { versionRules } from "../broker/version.ts";
import { Ledger } from "./ledger.ts";
import type { Sighting } from "./sighting.ts";
import { unsettledOf } from "./unsettled.ts";
import type { WireMessage } from "./wire-message.ts";

interface Told {
  readonly ledger: Ledger;
  /** `handled billing` for each sighting but deliveries. */
  readonly told: () => readonly string[];
  readonly unsettled: () => readonly string[];
}

function started(queues: Readonly<Record<string, Readonly<Record<string, FieldValue>>>>): Told {
  const sightings: Sighting[] = [];
  const ledger = new Ledger(versionRules["3.10"], (sighting) => sightings.push(sighting));
  for (const [name, options] of Object.entries(queues))
    ledger.topology.declareQueue({
      name,
      durable: true,
      exclusive: false,
      autoDelete: false,
      arguments: fieldTable(options),
    });
  return {
    ledger,
    told: () =>
      sightings
        .filter(({ kind }) => kind !== "delivered")
        .map(({ kind, queue = "" }) => `${kind} ${queue}`.trim()),
    unsettled: () => unsettledOf(ledger).map(({ text }) => text),
  };
}

function message(routingKey: string, headers: Readonly<Record<string, FieldValue>> = {}): WireMessage {
  return {
    exchange: "",
    routingKey,
    properties: { messageId: "m", type: "order", headers: fieldTable(headers) },
    body: Buffer.from("{}"),
  };
}

const here = {};
const there = {};

test("a message that is delivered before its confirm comes is one message", () => {
  const { ledger, told, unsettled } = started({ billing: {} });
  ledger.attendance.arrived("billing");
  const publication = ledger.publish(message("billing"));
  const copy = ledger.deliver("billing", message("billing"), false, here);
  ledger.settle(copy, copy.message, "ack");
  expect(unsettled()).toEqual(["order (id m) was published, and the broker has not answered yet"]);
  ledger.confirmed(publication);
  expect(told()).toEqual(["handled billing", "published"]);
  expect(unsettled()).toEqual([]);
});

test("a redelivery that is seen before the loss of the first consumer is of the same message", () => {
  const { ledger, unsettled } = started({ billing: {} });
  ledger.attendance.arrived("billing");
  ledger.confirmed(ledger.publish(message("billing")));
  const first = ledger.deliver("billing", message("billing"), false, here);
  const second = ledger.deliver("billing", message("billing"), true, there);
  expect(second).toBe(first);
  ledger.abandoned(first, first.message, here);
  ledger.settle(second, second.message, "ack");
  expect(unsettled()).toEqual([]);
});

test("what was unanswered as the channel went is not waited for, and its replay is", () => {
  const { ledger, told, unsettled } = started({ billing: {} });
  ledger.attendance.arrived("billing");
  ledger.unknown(ledger.publish(message("billing")));
  expect(unsettled()).toEqual([]);
  ledger.confirmed(ledger.publish(message("billing")));
  expect(unsettled()).toEqual(["order (id m) waits in billing for its consumer"]);
  const copy = ledger.deliver("billing", message("billing"), false, here);
  ledger.settle(copy, copy.message, "ack");
  expect(told()).toEqual(["published", "handled billing"]);
  expect(unsettled()).toEqual([]);
});

test("the ack of what was moved on is no handling, and a message that only says it was moved is a publish", () => {
  const { ledger, told } = started({ billing: {}, dead: {} });
  const origin = { "x-warren-origin-queue": longstr("billing") };
  ledger.confirmed(ledger.publish(message("dead", origin)));
  expect(told()).toEqual(["published"]);
  ledger.confirmed(ledger.publish(message("billing")));
  const copy = ledger.deliver("billing", message("billing"), false, here);
  ledger.confirmed(ledger.publish(message("dead", origin)));
  ledger.settle(copy, copy.message, "ack");
  expect(told()).toEqual(["published", "published", "deadLettered billing"]);
});

test("a stream keeps what it has, and is not waited for", () => {
  const { ledger, unsettled } = started({ log: { "x-queue-type": longstr("stream") } });
  ledger.attendance.arrived("log");
  ledger.confirmed(ledger.publish(message("log")));
  expect(unsettled()).toEqual([]);
});

test("a wait that leads to nobody, or in circles, is an end", () => {
  const waiting = (to: string): Readonly<Record<string, FieldValue>> => ({
    "x-message-ttl": { type: "int32", value: 50 },
    "x-dead-letter-exchange": longstr(""),
    "x-dead-letter-routing-key": longstr(to),
  });
  const { ledger, unsettled } = started({ one: waiting("two"), two: waiting("one"), work: {} });
  ledger.confirmed(ledger.publish(message("one")));
  expect(unsettled()).toEqual([]);
  ledger.topology.deleteQueue("two");
  ledger.topology.declareQueue({
    name: "two",
    durable: true,
    exclusive: false,
    autoDelete: false,
    arguments: fieldTable(waiting("work")),
  });
  expect(unsettled()).toEqual([]);
  ledger.attendance.arrived("work");
  expect(unsettled()).toEqual(["order (id m) waits in one until it expires and goes to two"]);
});
