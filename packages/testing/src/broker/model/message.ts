import type { Properties } from "../codec/properties.ts";

/** A message as queues hold it. Never changed: a dead letter is a new message. */
export interface Message {
  readonly exchange: string;
  readonly routingKey: string;
  readonly properties: Properties;
  readonly body: Buffer;
  /** The keys of the BCC header that its receivers never see: a dead letter is routed by them too. */
  readonly blindCopies?: readonly string[];
  /**
   * The payload of its content header frame, as the publisher sent it: forwarded as it is. Absent where the broker has
   * changed the properties, so that they have to be encoded.
   */
  readonly header?: Buffer;
}
