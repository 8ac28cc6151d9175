import { fieldTable, longstr } from "../../src/broker/codec/field-values.ts";
import type { FieldTable, FieldValue } from "../../src/broker/codec/field-table.ts";
import type { Properties } from "../../src/broker/codec/properties.ts";
import type { Closed, Received } from "../client/client-channel.ts";
import { channelNames, type ChannelName, type Command } from "../sequence/command.ts";
import type { Barrier } from "./barrier.ts";
import { ConnectionLostError, type BrokerSession } from "./broker-session.ts";
import { ClientState, type Held } from "./client-state.ts";
import { messageText } from "./message-text.ts";
import { int32, queueArguments } from "./queue-arguments.ts";

type Of<D extends Command["do"]> = Extract<Command, { readonly do: D }>;

const noArguments = fieldTable({});

/** Does the commands of one sequence on one broker, and says what it saw. */
export class Interpreter {
  readonly #session: BrokerSession;
  readonly #barrier: Barrier;
  readonly #clients: Readonly<Record<ChannelName, ClientState>>;
  #publishCount = 0;

  constructor(session: BrokerSession, barrier: Barrier) {
    this.#session = session;
    this.#barrier = barrier;
    this.#clients = { a: new ClientState("a", session), b: new ClientState("b", session) };
  }

  async begin(): Promise<void> {
    await Promise.all([this.#clients.a.open(), this.#clients.b.open()]);
  }

  /** What the broker answered. A channel that it has closed is open again afterwards. */
  async do(command: Command): Promise<string[]> {
    const client = this.#clients[command.on];
    const answer = await this.#tell(client, command);
    const lines = typeof answer === "string" ? [answer] : [this.#answerText(answer)];
    if (this.#session.failure !== undefined) throw new ConnectionLostError(this.#session.failure);
    if (client.channel.closed !== undefined) await client.open();
    return lines;
  }

  /** Resolves when nothing moves in the broker any more and all is here that it has sent. */
  async quiet(): Promise<void> {
    await this.#barrier.passed(async () => {
      const [a, b] = await Promise.all([this.#clients.a.flushed(), this.#clients.b.flushed()]);
      return a + b;
    });
  }

  told(): string[] {
    return [...this.#clients.a.told(), ...this.#clients.b.told()];
  }

  /** Gives back what is held, and takes everything out of the queues. */
  async drain(): Promise<string[]> {
    for (const name of channelNames) await this.#reopen(this.#clients[name]);
    await this.quiet();
    const lines: string[] = [];
    for (let before = -1; before < lines.length;) {
      before = lines.length;
      for (const [queue, on] of this.#barrier.queues.entries()) {
        const { channel } = this.#clients[on];
        for (;;) {
          const answer = await channel.call("basic.get", { queue: this.#session.wire(queue), noAck: true });
          if (answer.name !== "basic.get-ok") break;
          lines.push(this.#session.plain(`${queue}: ${messageText(answer.content!, answer.arguments)}`));
        }
        await this.quiet();
      }
    }
    return lines;
  }

  /** Deletes whatever the sequence may have declared. */
  async end(sequence: readonly Command[]): Promise<void> {
    for (const name of channelNames)
      await this.#session.connections[name].closeChannel(this.#clients[name].channel);
    const declared = new Set<string>();
    for (const command of sequence) {
      if (command.do === "declare queue") declared.add(command.queue);
      if (command.do === "declare exchange") declared.add(command.exchange);
    }
    for (const name of declared)
      await (name.startsWith("q")
        ? this.#session.delete("queue", name, this.#barrier.queues.get(name) ?? "a")
        : this.#session.delete("exchange", name, "a"));
  }

  #tell(client: ClientState, command: Command): Promise<Received | Closed | string> {
    switch (command.do) {
      case "declare queue":
        return this.#declareQueue(client, command);
      case "check queue":
        return client.channel.call("queue.declare", {
          queue: this.#session.wire(command.queue),
          passive: true,
          durable: false,
          exclusive: false,
          autoDelete: false,
          noWait: false,
          arguments: noArguments,
        });
      case "delete queue":
        return this.#deleteQueue(client, command);
      case "purge":
        return client.channel.call("queue.purge", {
          queue: this.#session.wire(command.queue),
          noWait: false,
        });
      case "declare exchange":
        return this.#declareExchange(client, command);
      case "delete exchange":
        return client.channel.call("exchange.delete", {
          exchange: this.#session.wire(command.exchange),
          ifUnused: command.ifUnused === true,
          noWait: false,
        });
      case "bind":
      case "unbind":
        return this.#bind(client, command);
      case "publish":
        return this.#publish(client, command);
      case "get":
        return this.#get(client, command);
      case "consume":
        return this.#consume(client, command);
      case "cancel":
        return this.#cancel(client, command);
      case "limit channel":
        return client.channel.call("basic.qos", {
          prefetchSize: 0,
          prefetchCount: command.prefetch,
          global: true,
        });
      case "ack":
      case "nack":
      case "reject":
        return this.#settle(client, command);
      case "ack nothing":
        client.channel.send("basic.ack", { deliveryTag: 9_999, multiple: false });
        return this.#reached(client);
      case "recover":
        client.held = [];
        return client.channel.call("basic.recover", { requeue: true });
      case "close channel":
        return this.#reopen(client);
    }
  }

  async #declareQueue(client: ClientState, command: Of<"declare queue">): Promise<Received | Closed> {
    const answer = await client.channel.call("queue.declare", {
      queue: this.#session.wire(command.queue),
      passive: false,
      durable: command.transient !== true,
      exclusive: command.exclusive === true,
      autoDelete: command.autoDelete === true,
      noWait: false,
      arguments: queueArguments(command, (name) => this.#session.wire(name)),
    });
    if (answer.name === "queue.declare-ok" && !this.#barrier.queues.has(command.queue))
      this.#barrier.queues.set(command.queue, command.on);
    return answer;
  }

  async #deleteQueue(client: ClientState, command: Of<"delete queue">): Promise<Received | Closed> {
    const answer = await client.channel.call("queue.delete", {
      queue: this.#session.wire(command.queue),
      ifUnused: command.ifUnused === true,
      ifEmpty: command.ifEmpty === true,
      noWait: false,
    });
    if (answer.name !== "queue.delete-ok") return answer;
    this.#barrier.queues.delete(command.queue);
    // Its consumers hear of it in their own time.
    for (const name of channelNames) await this.#cancelled(this.#clients[name], command.queue);
    return answer;
  }

  async #cancelled(client: ClientState, queue: string): Promise<void> {
    const limit = performance.now() + 2_000;
    while (
      performance.now() < limit &&
      [...client.consumers.values()].some((consumer) => consumer.queue === queue)
    )
      await client.flushed();
  }

  #declareExchange(client: ClientState, command: Of<"declare exchange">): Promise<Received | Closed> {
    const { alternateExchange } = command;
    return client.channel.call("exchange.declare", {
      exchange: this.#session.wire(command.exchange),
      type: command.type,
      passive: false,
      durable: true,
      autoDelete: command.autoDelete === true,
      internal: command.internal === true,
      noWait: false,
      arguments:
        alternateExchange === undefined
          ? noArguments
          : fieldTable({ "alternate-exchange": longstr(this.#session.wire(alternateExchange)) }),
    });
  }

  #bind(client: ClientState, command: Of<"bind" | "unbind">): Promise<Received | Closed> {
    const source = this.#session.wire(command.exchange);
    const target = this.#session.wire(command.target);
    const table: FieldTable =
      command.match === undefined
        ? noArguments
        : fieldTable({ "x-match": longstr(command.match), h: longstr("1") });
    const common = { routingKey: this.#key(command.key), noWait: false, arguments: table };
    if (command.target.startsWith("x")) {
      const args = { ...common, source, destination: target };
      return client.channel.call(command.do === "bind" ? "exchange.bind" : "exchange.unbind", args);
    }
    const args = { ...common, exchange: source, queue: target };
    return client.channel.call(command.do === "bind" ? "queue.bind" : "queue.unbind", args);
  }

  #publish(client: ClientState, command: Of<"publish">): Promise<Received | Closed> {
    this.#publishCount += 1;
    const body = `m${this.#publishCount}`.padEnd(command.bytes ?? 0, ".");
    const headers = new Map<string, FieldValue>();
    if (command.header !== undefined) headers.set("h", longstr(command.header));
    for (const [name, copy] of [["CC", command.copyTo] as const, ["BCC", command.blindCopyTo] as const])
      if (copy !== undefined) headers.set(name, { type: "array", value: [longstr(this.#key(copy))] });
    const properties: Properties = {
      ...(headers.size > 0 && { headers }),
      ...(command.persistent && { deliveryMode: 2 }),
      ...(command.priority !== undefined && { priority: command.priority }),
      ...(command.expirationMs !== undefined && { expiration: String(command.expirationMs) }),
    };
    return client.channel.publish(
      {
        exchange: this.#session.wire(command.exchange),
        routingKey: this.#key(command.key),
        mandatory: command.mandatory === true,
        immediate: false,
      },
      properties,
      Buffer.from(body),
    );
  }

  async #get(client: ClientState, command: Of<"get">): Promise<Received | Closed | string> {
    const answer = await client.channel.call("basic.get", {
      queue: this.#session.wire(command.queue),
      noAck: command.noAck === true,
    });
    if (answer.name !== "basic.get-ok") return answer;
    const { deliveryTag, messageCount } = answer.arguments;
    if (command.noAck !== true) client.held.push({ deliveryTag, queue: command.queue, source: "get" });
    return this.#session.plain(`got ${messageText(answer.content!, answer.arguments)}, ${messageCount} more`);
  }

  async #consume(client: ClientState, command: Of<"consume">): Promise<Received | Closed | string> {
    // RabbitMQ closes the connection over that.
    if (client.consumers.has(command.consumer)) return "consumes already";
    if (command.prefetch !== undefined)
      await client.channel.call("basic.qos", {
        prefetchSize: 0,
        prefetchCount: command.prefetch,
        global: false,
      });
    const noAck = command.noAck === true;
    client.consumers.set(command.consumer, { queue: command.queue, noAck });
    const answer = await client.channel.call("basic.consume", {
      queue: this.#session.wire(command.queue),
      consumerTag: command.consumer,
      noLocal: false,
      noAck,
      exclusive: command.exclusive === true,
      noWait: false,
      arguments:
        command.priority === undefined ? noArguments : fieldTable({ "x-priority": int32(command.priority) }),
    });
    if (answer.name !== "basic.consume-ok") client.consumers.delete(command.consumer);
    return answer;
  }

  async #cancel(client: ClientState, command: Of<"cancel">): Promise<Received | Closed> {
    const answer = await client.channel.call("basic.cancel", {
      consumerTag: command.consumer,
      noWait: false,
    });
    client.consumers.delete(command.consumer);
    return answer;
  }

  async #settle(client: ClientState, command: Of<"ack" | "nack" | "reject">): Promise<Closed | string> {
    const multiple = command.do !== "reject" && command.multiple === true;
    const taken = choose(client, command.place, multiple);
    if (taken.length === 0) return "holds nothing";
    const deliveryTag = Math.max(...taken.map((held) => held.deliveryTag));
    const requeue = command.requeue === true;
    if (command.do === "ack") client.channel.send("basic.ack", { deliveryTag, multiple });
    else if (command.do === "nack") client.channel.send("basic.nack", { deliveryTag, multiple, requeue });
    else client.channel.send("basic.reject", { deliveryTag, requeue });
    const answer = await this.#reached(client);
    return typeof answer === "string"
      ? `${taken.length} of ${taken.map(({ queue }) => queue).join()}`
      : answer;
  }

  /** Resolves when the channel has done what was sent on it. */
  async #reached(client: ClientState): Promise<Closed | string> {
    const answer = await client.channel.call("channel.flow", { active: true });
    return answer.name === "closed" ? answer : "done";
  }

  async #reopen(client: ClientState): Promise<string> {
    await this.#session.connections[client.name].closeChannel(client.channel);
    await client.open();
    return "open again";
  }

  /** Routing keys may be names of queues. */
  #key(key: string): string {
    return /^q\d$/.test(key) ? this.#session.wire(key) : key;
  }

  #answerText(answer: Received | Closed): string {
    if (answer.name === "closed") return this.#session.plain(`closed with ${answer.code} ${answer.text}`);
    switch (answer.name) {
      case "queue.declare-ok": {
        const { messageCount, consumerCount } = answer.arguments;
        return `declare-ok, ${messageCount} ready, ${consumerCount} consumers`;
      }
      case "queue.delete-ok":
      case "queue.purge-ok":
        return `${answer.name}, ${answer.arguments.messageCount} messages`;
      default:
        return answer.name;
    }
  }
}

/**
 * Which deliveries are meant, taken away from those that the client holds. Deliveries of several queues come to a channel
 * in no certain order; then `multiple` means all of them.
 */
function choose(client: ClientState, place: number, multiple: boolean): readonly Held[] {
  const { held } = client;
  if (held.length === 0) return [];
  const inOrder = held.toSorted((one, other) =>
    one.source === other.source ? one.deliveryTag - other.deliveryTag : one.source < other.source ? -1 : 1,
  );
  const chosen = inOrder[place % inOrder.length]!;
  const several = new Set(held.map(({ queue }) => queue)).size > 1;
  const taken = multiple
    ? held.filter(({ deliveryTag }) => several || deliveryTag <= chosen.deliveryTag)
    : [chosen];
  client.held = held.filter((each) => !taken.includes(each));
  return taken;
}
