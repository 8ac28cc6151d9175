import { AmqpError } from "../amqp-error.ts";
import { frameTypes } from "../codec/frames.ts";
import type { Method, MethodName } from "../codec/method-table.ts";
import { decodeMethod, methodName } from "../codec/methods.ts";
import { basicMethods } from "./basic-methods.ts";
import { channelMethods } from "./channel-methods.ts";
import { Channel } from "./channel.ts";
import { confirmMethods } from "./confirm-methods.ts";
import { ContentAssembly } from "./content-assembly.ts";
import { exchangeMethods } from "./exchange-methods.ts";
import { publish } from "./publishing.ts";
import { queueMethods } from "./queue-methods.ts";
import type { Session } from "./session.ts";
import { txMethods } from "./tx-methods.ts";

/** What the arguments are is settled by the name that leads to the handler. */
type Handler = (channel: Channel, args: unknown) => void;

const handlers = {
  ...channelMethods,
  ...exchangeMethods,
  ...queueMethods,
  ...basicMethods,
  ...confirmMethods,
  ...txMethods,
} as Partial<Record<MethodName, Handler>>;

export interface ChannelFramesOptions {
  readonly number: number;
  readonly session: Session;
  /** The client has closed it, or has answered that it was closed. */
  readonly onClosed: () => void;
  /** A frame asked for what cannot be; `method` is the one to blame, if any. */
  readonly onError: (error: unknown, method: MethodName | undefined) => void;
}

/** The frames of one channel, from its opening until both sides know that it is closed. */
export class ChannelFrames {
  readonly channel: Channel;
  readonly #assembly: ContentAssembly;
  readonly #options: ChannelFramesOptions;
  /** Closed by the broker: everything but the client's answer is ignored. */
  #closing = false;

  constructor(options: ChannelFramesOptions) {
    this.#options = options;
    this.channel = new Channel(options.number, options.session);
    this.#assembly = new ContentAssembly(options.session.broker.rules.maxMessageBytes);
  }

  receive(type: number, payload: Buffer): void {
    if (this.#closing) return this.#receiveClosing(type, payload);
    const publishing = this.#assembly.underWay;
    try {
      if (publishing || type !== frameTypes.method) this.#content(type, payload);
      else this.#method(decodeMethod(payload));
    } catch (error) {
      this.#options.onError(error, publishing ? "basic.publish" : nameIn(type, payload));
    }
  }

  /** What it holds goes back first: whoever is told of the close finds it all there. */
  close(replyCode: number, replyText: string, classId: number, methodId: number): void {
    if (this.#closing) return;
    this.#closing = true;
    this.channel.stop();
    this.channel.release();
    this.channel.send("channel.close", { replyCode, replyText, classId, methodId });
  }

  #content(type: number, payload: Buffer): void {
    const complete = this.#assembly.add(type, payload);
    if (complete !== undefined) publish(this.channel, complete);
  }

  #method(method: Method): void {
    switch (method.name) {
      case "basic.publish":
        return this.#assembly.begin(method.arguments);
      case "channel.close":
        return this.#closeAsAsked();
      case "channel.open":
        throw new AmqpError(504, "second 'channel.open' seen");
      default: {
        const handler = handlers[method.name];
        if (handler === undefined) throw new AmqpError(503, "unimplemented method");
        this.channel.run(() => handler(this.channel, method.arguments));
      }
    }
  }

  #closeAsAsked(): void {
    this.channel.confirms?.flush();
    this.channel.stop();
    this.channel.release();
    this.channel.send("channel.close-ok", {});
    this.#options.onClosed();
  }

  #receiveClosing(type: number, payload: Buffer): void {
    switch (nameIn(type, payload)) {
      case "channel.close":
        return this.channel.send("channel.close-ok", {});
      case "channel.close-ok":
        return this.#options.onClosed();
      case "channel.open":
        return this.#options.onError(new AmqpError(504, "second 'channel.open' seen"), "channel.open");
      default:
    }
  }
}

function nameIn(type: number, payload: Buffer): MethodName | undefined {
  return type === frameTypes.method ? methodName(payload) : undefined;
}
