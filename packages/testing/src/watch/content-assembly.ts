import { decodeContentHeader } from "../broker/codec/content-header.ts";
import type { Properties } from "../broker/codec/properties.ts";
import type { Frame } from "../proxy/frame-reader.ts";
import type { WireMessage } from "./wire-message.ts";

/** Puts the method, header and body frames of one direction of a channel together again. */
export class ContentAssembly {
  #method: Frame | undefined;
  #properties: Properties = {};
  #missingBytes = 0;
  #body: Buffer[] = [];

  begin(method: Frame): void {
    this.#method = method;
    this.#body = [];
  }

  /** The method and the message, once it is complete. */
  add(frame: Frame): { readonly method: Frame; readonly message: WireMessage } | undefined {
    const method = this.#method;
    if (method === undefined) return undefined;
    if (frame.type === "header") {
      const { bodyBytes, properties } = decodeContentHeader(Buffer.from(frame.payload));
      this.#properties = properties;
      this.#missingBytes = bodyBytes;
    } else {
      this.#body.push(frame.payload);
      this.#missingBytes -= frame.payload.length;
    }
    if (this.#missingBytes > 0) return undefined;
    this.#method = undefined;
    const { exchange = "", routingKey = "" } = method.fields;
    // Copied: a frame is a view of a chunk of the network, which would be kept with it.
    const body = Buffer.concat(this.#body);
    return { method, message: { exchange, routingKey, properties: this.#properties, body } };
  }
}
