import { AmqpError } from "../amqp-error.ts";
import { decodeContentHeader } from "../codec/content-header.ts";
import { frameTypes } from "../codec/frames.ts";
import type { MethodArguments } from "../codec/method-table.ts";
import type { Properties } from "../codec/properties.ts";

/** A publish with all of its content. */
export interface Publish {
  readonly arguments: MethodArguments<"basic.publish">;
  readonly properties: Properties;
  /** The payload of its content header frame. */
  readonly header: Buffer;
  readonly body: Buffer;
}

type State =
  | { readonly at: "method" }
  | { readonly at: "header"; readonly arguments: MethodArguments<"basic.publish"> }
  | {
      readonly at: "body";
      readonly arguments: MethodArguments<"basic.publish">;
      readonly properties: Properties;
      readonly header: Buffer;
      /** What has come of the body: nothing is set aside for the rest of it. */
      readonly pieces: Buffer[];
      readonly bodyBytes: number;
      missingBytes: number;
    };

const none = Buffer.alloc(0);
const betweenPublishes: State = { at: "method" };

/** Puts a publish of one channel together from its method, its header and its body frames. */
export class ContentAssembly {
  readonly #maxMessageBytes: number;
  #state: State = betweenPublishes;

  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** Whether the next frame belongs to a publish, so that a method there is an error. */
  get underWay(): boolean {
    return this.#state !== betweenPublishes;
  }

  begin(args: MethodArguments<"basic.publish">): void {
    this.#state = { at: "header", arguments: args };
  }

  /**
   * The publish that this frame completes, if it does. The frame's payload is copied: a short message would otherwise keep
   * all that was read with it in memory.
   *
   * @throws AmqpError 505 for a frame that is not due, or has more than is missing; 406 for a body that is too large: it is
   * read to its end, and not kept.
   */
  add(type: number, payload: Buffer): Publish | undefined {
    const state = this.#state;
    switch (state.at) {
      case "method":
        throw new AmqpError(505, "expected method frame, got non method frame instead");
      case "header":
        if (type !== frameTypes.header)
          throw new AmqpError(
            505,
            "expected content header for class 60, got non content header frame instead",
          );
        return this.#addHeader(state.arguments, payload);
      case "body":
        if (type !== frameTypes.body || payload.length > state.missingBytes)
          throw new AmqpError(505, "expected content body, got non content body frame instead");
        state.missingBytes -= payload.length;
        // Empty frames are legal and endless: nothing of them may stay.
        if (payload.length > 0 && state.bodyBytes <= this.#maxMessageBytes)
          state.pieces.push(Buffer.from(payload));
        return state.missingBytes === 0 ? this.#complete(state) : undefined;
    }
  }

  #addHeader(args: MethodArguments<"basic.publish">, payload: Buffer): Publish | undefined {
    const header = Buffer.from(payload);
    const { bodyBytes, properties } = decodeContentHeader(header);
    const pieces: Buffer[] = [];
    const state = { at: "body", arguments: args, properties, header, pieces, bodyBytes } as const;
    if (bodyBytes === 0) return this.#complete(state);
    this.#state = { ...state, missingBytes: bodyBytes };
    return undefined;
  }

  #complete(state: Omit<State & { at: "body" }, "missingBytes">): Publish {
    this.#state = betweenPublishes;
    const { bodyBytes, pieces, properties, header } = state;
    if (bodyBytes > this.#maxMessageBytes)
      throw new AmqpError(
        406,
        `message size ${bodyBytes} is larger than configured max size ${this.#maxMessageBytes}`,
      );
    const body =
      pieces.length === 1 ? pieces[0]! : pieces.length === 0 ? none : Buffer.concat(pieces, bodyBytes);
    return { arguments: state.arguments, properties, header, body };
  }
}
