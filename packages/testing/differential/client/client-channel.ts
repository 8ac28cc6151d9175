import { decodeContentHeader, encodeContentHeader } from "../../src/broker/codec/content-header.ts";
import { contentFrames, frameTypes, methodFrame } from "../../src/broker/codec/frames.ts";
import type { Method, MethodArguments, MethodName } from "../../src/broker/codec/method-table.ts";
import { carriesContent, decodeMethod } from "../../src/broker/codec/methods.ts";
import type { Properties } from "../../src/broker/codec/properties.ts";

/** Why the broker has closed the channel. */
export interface Closed {
  readonly name: "closed";
  readonly code: number;
  readonly text: string;
}

export interface Content {
  readonly properties: Properties;
  readonly body: Buffer;
}

/** A method from the broker, with the content that came behind it. */
export type Received = Method & { readonly content?: Content };

type Waiting = (answer: Received | Closed) => void;

/** What comes without being asked for. */
export interface ChannelEvents {
  received(method: Received): void;
}

const eventNames: ReadonlySet<MethodName> = new Set(["basic.deliver", "basic.return", "basic.cancel"]);

/** A channel whose every call ends with an answer, or with why the broker has closed it. */
export class ClientChannel {
  readonly number: number;
  closed: Closed | undefined;
  readonly #write: (...frames: readonly Buffer[]) => void;
  readonly #events: ChannelEvents;
  readonly #calls: Waiting[] = [];
  /** Publishes that the broker has not confirmed, in their order. */
  readonly #confirms: Waiting[] = [];
  #content: { method: Method; properties?: Properties; bodyBytes: number; chunks: Buffer[] } | undefined;

  constructor(number: number, write: (...frames: readonly Buffer[]) => void, events: ChannelEvents) {
    this.number = number;
    this.#write = write;
    this.#events = events;
  }

  /** A method that the broker answers. */
  call<N extends MethodName>(name: N, args: MethodArguments<N>): Promise<Received | Closed> {
    if (this.closed !== undefined) return Promise.resolve(this.closed);
    const answered = new Promise<Received | Closed>((resolve) => {
      this.#calls.push(resolve);
    });
    this.send(name, args);
    return answered;
  }

  /** A method without an answer. */
  send<N extends MethodName>(name: N, args: MethodArguments<N>): void {
    if (this.closed === undefined) this.#write(methodFrame(this.number, name, args));
  }

  /** On a channel in confirm mode; ends with `basic.ack` or `basic.nack`. */
  publish(
    args: MethodArguments<"basic.publish">,
    properties: Properties,
    body: Buffer,
  ): Promise<Received | Closed> {
    if (this.closed !== undefined) return Promise.resolve(this.closed);
    const confirmed = new Promise<Received | Closed>((resolve) => {
      this.#confirms.push(resolve);
    });
    this.#write(
      methodFrame(this.number, "basic.publish", args),
      ...contentFrames(this.number, encodeContentHeader(body.length, properties), body, 131_072),
    );
    return confirmed;
  }

  /** A frame of this channel. */
  take(type: number, payload: Buffer): void {
    if (type === frameTypes.method) {
      const method = decodeMethod(Buffer.from(payload));
      if (carriesContent(method.name)) this.#content = { method, bodyBytes: 0, chunks: [] };
      else this.#dispatch(method);
      return;
    }
    const content = this.#content;
    if (content === undefined) throw new Error(`a content without a method on channel ${this.number}`);
    if (type === frameTypes.header) {
      const { properties, bodyBytes } = decodeContentHeader(Buffer.from(payload));
      Object.assign(content, { properties, bodyBytes });
    } else {
      content.chunks.push(Buffer.from(payload));
    }
    const body = Buffer.concat(content.chunks);
    if (body.length < content.bodyBytes) return;
    this.#content = undefined;
    this.#dispatch({ ...content.method, content: { properties: content.properties ?? {}, body } });
  }

  /** Every call that waits ends so, and every later one. */
  end(closed: Closed): void {
    this.closed = closed;
    for (const answer of [...this.#calls.splice(0), ...this.#confirms.splice(0)]) answer(closed);
  }

  #dispatch(received: Received): void {
    switch (received.name) {
      case "channel.close":
        this.send("channel.close-ok", {});
        this.end({
          name: "closed",
          code: received.arguments.replyCode,
          text: received.arguments.replyText,
        });
        return;
      case "basic.ack":
      case "basic.nack":
        // One publish is under way at a time: tags and `multiple` have nothing to tell.
        this.#confirms.shift()?.(received);
        return;
      default:
        if (eventNames.has(received.name)) this.#events.received(received);
        else this.#calls.shift()?.(received);
    }
  }
}
