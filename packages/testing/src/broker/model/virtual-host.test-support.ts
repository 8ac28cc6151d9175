import type { FieldTable, FieldValue } from "../codec/field-table.ts";
import { fieldTable, longstr } from "../codec/field-values.ts";
import { ManualClock } from "../manual-clock.ts";
import { versionRules } from "../version.ts";
import type { Message } from "./message.ts";
import type { Owner, Queue, QueueDeclaration } from "./queue/queue.ts";
import { VirtualHost, type Binding, type ExchangeDeclaration } from "./virtual-host.ts";

export type Arguments = Readonly<Record<string, FieldValue>>;

export const owner: Owner = { name: "a connection" };
export const another: Owner = { name: "another connection" };

/** What became of a publish. */
export const routed = { routed: true, accepted: true };
export const unroutable = { routed: false, accepted: true };
export const refused = { routed: true, accepted: false };

/** A virtual host to which tests speak in few words. */
export class Subject extends VirtualHost {
  readonly clock: ManualClock;

  constructor() {
    const clock = new ManualClock();
    super("/", { rules: versionRules["3.10"], clock });
    this.clock = clock;
  }

  addExchange(name: string, type: string, changes: Partial<ExchangeDeclaration> = {}): void {
    const flags = { durable: false, autoDelete: false, internal: false, arguments: new Map() };
    this.declareExchange({ name, type, ...flags, ...changes });
  }

  addQueue(name: string, args: Arguments = {}, changes: Partial<QueueDeclaration> = {}): Queue {
    const flags = { durable: true, exclusive: false, autoDelete: false };
    return this.declareQueue({ name, ...flags, arguments: fieldTable(args), ...changes }, owner);
  }

  bindQueue(destination: string, source: string, routingKey = "", args: Arguments = {}): void {
    this.bind(bindingOf("queue", destination, source, routingKey, args), owner);
  }

  unbindQueue(destination: string, source: string, routingKey = "", args: Arguments = {}): void {
    this.unbind(bindingOf("queue", destination, source, routingKey, args), owner);
  }

  bindExchange(destination: string, source: string, routingKey = ""): void {
    this.bind(bindingOf("exchange", destination, source, routingKey), owner);
  }

  unbindExchange(destination: string, source: string, routingKey = ""): void {
    this.unbind(bindingOf("exchange", destination, source, routingKey), owner);
  }

  send(exchange: string, routingKey: string, headers?: Arguments): ReturnType<VirtualHost["publish"]> {
    return this.publish(messageTo(exchange, routingKey, headers && fieldTable(headers)));
  }
}

export const bindingOf = (
  destinationKind: "queue" | "exchange",
  destination: string,
  source: string,
  routingKey: string,
  args: Arguments = {},
): Binding => ({ source, destination, destinationKind, routingKey, arguments: fieldTable(args) });

const messageTo = (exchange: string, routingKey: string, headers?: FieldTable): Message => ({
  exchange,
  routingKey,
  properties: headers === undefined ? {} : { headers },
  body: Buffer.from("body"),
});

/** For `exchange.declare`. */
export const alternate = (name: string): Partial<ExchangeDeclaration> => ({
  arguments: fieldTable({ "alternate-exchange": longstr(name) }),
});
