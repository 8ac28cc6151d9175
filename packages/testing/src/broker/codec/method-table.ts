import type { FieldTable } from "./field-table.ts";

/** How an argument of a method stands on the wire. Consecutive bits share octets. */
interface WireTypes {
  readonly bit: boolean;
  readonly octet: number;
  readonly short: number;
  readonly long: number;
  /** A delivery tag: exact up to 2^53. */
  readonly longlong: number;
  /** Text of at most 255 bytes. RabbitMQ does not look whether it is UTF-8. */
  readonly shortstr: string;
  /** A shortstr that has to be UTF-8. */
  readonly name: string;
  /** A shortstr that is cut to 252 bytes and three dots where it would be longer, as RabbitMQ does it. */
  readonly "reply text": string;
  readonly longstr: Buffer;
  readonly table: FieldTable;
}

export type WireType = keyof WireTypes;

/** On the wire, and without a meaning: written as zero or empty, skipped when read. */
export type Reserved = `reserved ${"bit" | "short" | "shortstr" | "longstr"}`;

export interface MethodLayout {
  readonly classId: number;
  readonly methodId: number;
  /** A content header and a body follow. */
  readonly content?: true;
  /** In the order of the wire. */
  readonly arguments: Readonly<Record<string, WireType | Reserved>>;
}

/**
 * Every method of AMQP 0-9-1 that RabbitMQ knows, with its extensions.
 *
 * @see https://www.rabbitmq.com/amqp-0-9-1-reference.html
 */
export const methodTable = {
  "connection.start": {
    classId: 10,
    methodId: 10,
    arguments: {
      versionMajor: "octet",
      versionMinor: "octet",
      serverProperties: "table",
      mechanisms: "longstr",
      locales: "longstr",
    },
  },
  "connection.start-ok": {
    classId: 10,
    methodId: 11,
    arguments: { clientProperties: "table", mechanism: "name", response: "longstr", locale: "name" },
  },
  "connection.secure": { classId: 10, methodId: 20, arguments: { challenge: "longstr" } },
  "connection.secure-ok": { classId: 10, methodId: 21, arguments: { response: "longstr" } },
  "connection.tune": {
    classId: 10,
    methodId: 30,
    arguments: { channelMax: "short", frameMax: "long", heartbeat: "short" },
  },
  "connection.tune-ok": {
    classId: 10,
    methodId: 31,
    arguments: { channelMax: "short", frameMax: "long", heartbeat: "short" },
  },
  "connection.open": {
    classId: 10,
    methodId: 40,
    arguments: { virtualHost: "name", capabilities: "reserved shortstr", insist: "reserved bit" },
  },
  "connection.open-ok": { classId: 10, methodId: 41, arguments: { knownHosts: "reserved shortstr" } },
  "connection.close": {
    classId: 10,
    methodId: 50,
    arguments: { replyCode: "short", replyText: "reply text", classId: "short", methodId: "short" },
  },
  "connection.close-ok": { classId: 10, methodId: 51, arguments: {} },
  "connection.blocked": { classId: 10, methodId: 60, arguments: { reason: "name" } },
  "connection.unblocked": { classId: 10, methodId: 61, arguments: {} },
  "connection.update-secret": {
    classId: 10,
    methodId: 70,
    arguments: { newSecret: "longstr", reason: "name" },
  },
  "connection.update-secret-ok": { classId: 10, methodId: 71, arguments: {} },

  "channel.open": { classId: 20, methodId: 10, arguments: { outOfBand: "reserved shortstr" } },
  "channel.open-ok": { classId: 20, methodId: 11, arguments: { channelId: "reserved longstr" } },
  "channel.flow": { classId: 20, methodId: 20, arguments: { active: "bit" } },
  "channel.flow-ok": { classId: 20, methodId: 21, arguments: { active: "bit" } },
  "channel.close": {
    classId: 20,
    methodId: 40,
    arguments: { replyCode: "short", replyText: "reply text", classId: "short", methodId: "short" },
  },
  "channel.close-ok": { classId: 20, methodId: 41, arguments: {} },

  "access.request": {
    classId: 30,
    methodId: 10,
    arguments: {
      realm: "name",
      exclusive: "bit",
      passive: "bit",
      active: "bit",
      write: "bit",
      read: "bit",
    },
  },
  "access.request-ok": { classId: 30, methodId: 11, arguments: { ticket: "short" } },

  "exchange.declare": {
    classId: 40,
    methodId: 10,
    arguments: {
      ticket: "reserved short",
      exchange: "name",
      type: "name",
      passive: "bit",
      durable: "bit",
      autoDelete: "bit",
      internal: "bit",
      noWait: "bit",
      arguments: "table",
    },
  },
  "exchange.declare-ok": { classId: 40, methodId: 11, arguments: {} },
  "exchange.delete": {
    classId: 40,
    methodId: 20,
    arguments: { ticket: "reserved short", exchange: "name", ifUnused: "bit", noWait: "bit" },
  },
  "exchange.delete-ok": { classId: 40, methodId: 21, arguments: {} },
  "exchange.bind": {
    classId: 40,
    methodId: 30,
    arguments: {
      ticket: "reserved short",
      destination: "name",
      source: "name",
      routingKey: "name",
      noWait: "bit",
      arguments: "table",
    },
  },
  "exchange.bind-ok": { classId: 40, methodId: 31, arguments: {} },
  "exchange.unbind": {
    classId: 40,
    methodId: 40,
    arguments: {
      ticket: "reserved short",
      destination: "name",
      source: "name",
      routingKey: "name",
      noWait: "bit",
      arguments: "table",
    },
  },
  "exchange.unbind-ok": { classId: 40, methodId: 51, arguments: {} },

  "queue.declare": {
    classId: 50,
    methodId: 10,
    arguments: {
      ticket: "reserved short",
      queue: "name",
      passive: "bit",
      durable: "bit",
      exclusive: "bit",
      autoDelete: "bit",
      noWait: "bit",
      arguments: "table",
    },
  },
  "queue.declare-ok": {
    classId: 50,
    methodId: 11,
    arguments: { queue: "name", messageCount: "long", consumerCount: "long" },
  },
  "queue.bind": {
    classId: 50,
    methodId: 20,
    arguments: {
      ticket: "reserved short",
      queue: "name",
      exchange: "name",
      routingKey: "name",
      noWait: "bit",
      arguments: "table",
    },
  },
  "queue.bind-ok": { classId: 50, methodId: 21, arguments: {} },
  "queue.purge": {
    classId: 50,
    methodId: 30,
    arguments: { ticket: "reserved short", queue: "name", noWait: "bit" },
  },
  "queue.purge-ok": { classId: 50, methodId: 31, arguments: { messageCount: "long" } },
  "queue.delete": {
    classId: 50,
    methodId: 40,
    arguments: { ticket: "reserved short", queue: "name", ifUnused: "bit", ifEmpty: "bit", noWait: "bit" },
  },
  "queue.delete-ok": { classId: 50, methodId: 41, arguments: { messageCount: "long" } },
  "queue.unbind": {
    classId: 50,
    methodId: 50,
    arguments: {
      ticket: "reserved short",
      queue: "name",
      exchange: "name",
      routingKey: "name",
      arguments: "table",
    },
  },
  "queue.unbind-ok": { classId: 50, methodId: 51, arguments: {} },

  "basic.qos": {
    classId: 60,
    methodId: 10,
    arguments: { prefetchSize: "long", prefetchCount: "short", global: "bit" },
  },
  "basic.qos-ok": { classId: 60, methodId: 11, arguments: {} },
  "basic.consume": {
    classId: 60,
    methodId: 20,
    arguments: {
      ticket: "reserved short",
      queue: "name",
      consumerTag: "name",
      noLocal: "bit",
      noAck: "bit",
      exclusive: "bit",
      noWait: "bit",
      arguments: "table",
    },
  },
  "basic.consume-ok": { classId: 60, methodId: 21, arguments: { consumerTag: "name" } },
  "basic.cancel": { classId: 60, methodId: 30, arguments: { consumerTag: "name", noWait: "bit" } },
  "basic.cancel-ok": { classId: 60, methodId: 31, arguments: { consumerTag: "name" } },
  "basic.publish": {
    classId: 60,
    methodId: 40,
    content: true,
    arguments: {
      ticket: "reserved short",
      exchange: "shortstr",
      routingKey: "shortstr",
      mandatory: "bit",
      immediate: "bit",
    },
  },
  "basic.return": {
    classId: 60,
    methodId: 50,
    content: true,
    arguments: {
      replyCode: "short",
      replyText: "reply text",
      exchange: "shortstr",
      routingKey: "shortstr",
    },
  },
  "basic.deliver": {
    classId: 60,
    methodId: 60,
    content: true,
    arguments: {
      consumerTag: "shortstr",
      deliveryTag: "longlong",
      redelivered: "bit",
      exchange: "shortstr",
      routingKey: "shortstr",
    },
  },
  "basic.get": {
    classId: 60,
    methodId: 70,
    arguments: { ticket: "reserved short", queue: "name", noAck: "bit" },
  },
  "basic.get-ok": {
    classId: 60,
    methodId: 71,
    content: true,
    arguments: {
      deliveryTag: "longlong",
      redelivered: "bit",
      exchange: "shortstr",
      routingKey: "shortstr",
      messageCount: "long",
    },
  },
  "basic.get-empty": { classId: 60, methodId: 72, arguments: { clusterId: "reserved shortstr" } },
  "basic.ack": { classId: 60, methodId: 80, arguments: { deliveryTag: "longlong", multiple: "bit" } },
  "basic.reject": { classId: 60, methodId: 90, arguments: { deliveryTag: "longlong", requeue: "bit" } },
  "basic.recover-async": { classId: 60, methodId: 100, arguments: { requeue: "bit" } },
  "basic.recover": { classId: 60, methodId: 110, arguments: { requeue: "bit" } },
  "basic.recover-ok": { classId: 60, methodId: 111, arguments: {} },
  "basic.nack": {
    classId: 60,
    methodId: 120,
    arguments: { deliveryTag: "longlong", multiple: "bit", requeue: "bit" },
  },

  "confirm.select": { classId: 85, methodId: 10, arguments: { noWait: "bit" } },
  "confirm.select-ok": { classId: 85, methodId: 11, arguments: {} },

  "tx.select": { classId: 90, methodId: 10, arguments: {} },
  "tx.select-ok": { classId: 90, methodId: 11, arguments: {} },
  "tx.commit": { classId: 90, methodId: 20, arguments: {} },
  "tx.commit-ok": { classId: 90, methodId: 21, arguments: {} },
  "tx.rollback": { classId: 90, methodId: 30, arguments: {} },
  "tx.rollback-ok": { classId: 90, methodId: 31, arguments: {} },
} as const;

/** For example `basic.deliver` or `channel.close`. */
export type MethodName = keyof typeof methodTable;

type Layout<N extends MethodName> = (typeof methodTable)[N]["arguments"];

/** What a method carries, without the ticket and what else is reserved. */
export type MethodArguments<N extends MethodName> = {
  readonly [A in keyof Layout<N> as Layout<N>[A] extends WireType ? A : never]: WireTypes[Layout<N>[A] &
    WireType];
};

/** A method with its arguments, told apart by its name. */
export type Method = {
  [N in MethodName]: { readonly name: N; readonly arguments: MethodArguments<N> };
}[MethodName];
