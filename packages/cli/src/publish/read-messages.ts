import type { MessageProperties, Publishing } from "@warren/message";
import { Failure } from "../failure.ts";
import type { Source } from "../input/open-source.ts";
import { untilAborted } from "../input/until-aborted.ts";
import { type Framing, splitFrames } from "../input/split-frames.ts";
import { type DecodedEnvelope, decodeEnvelope } from "../message/envelope.ts";
import { type EnvelopeOrigin, originOf } from "./envelope-origin.ts";
import { noTarget, type Target } from "./publish-target.ts";
import { republishedHeaders } from "./republished-headers.ts";

/** One message on its way out. */
export interface Outgoing {
  readonly publishing: Publishing;
  /** What its envelope held beyond what is published. */
  readonly kept?: Readonly<Record<string, unknown>>;
  /** Headers of its envelope that do not go out again. */
  readonly leftOut?: readonly string[];
  /** The queue that it failed in, where its envelope and nothing else says where it goes. */
  readonly sentBackTo?: string;
}

export interface ReadOptions {
  readonly input: "raw" | "envelope";
  readonly framing: Framing;
  /** How often each message is published. */
  readonly repeat: number;
  readonly target: Partial<Target>;
  /** What the command line says wins over what an envelope says, header by header. */
  readonly properties: MessageProperties;
  /** A foreign user id is refused by the broker, so an envelope's is dropped. */
  readonly keepUserId: boolean;
}

/**
 * The messages of all sources, one after the other, read as fast as they are taken, until `stop` aborts.
 *
 * @throws Failure 65 with the line of an envelope that cannot be read, or for an empty stdin that is to be one message;
 * 64 without a target
 */
export async function* readMessages(
  sources: readonly Source[],
  options: ReadOptions,
  stop: AbortSignal,
): AsyncGenerator<Outgoing, void, undefined> {
  const framing = options.input === "envelope" ? "lines" : options.framing;
  for (const source of sources) {
    let line = 0;
    for await (const frame of splitFrames(untilAborted(source.chunks, stop), framing)) {
      // What an interrupt cut off is no message.
      if (stop.aborted) return;
      line++;
      if (framing === "whole" && frame.length === 0 && !source.mayBeEmpty) throw emptyInput(source);
      if (options.input === "envelope" && isBlank(frame)) continue;
      const outgoing =
        options.input === "raw"
          ? rawMessage(frame, options)
          : envelopeMessage(frame, options, `line ${line} of ${source.name}`);
      for (let copy = 0; copy < options.repeat; copy++) yield outgoing;
    }
  }
}

function emptyInput({ name }: Source): Failure {
  return new Failure(65, `${name} is empty: nothing to publish`, {
    hint: 'For a message with an empty body, give it as the argument "".',
  });
}

function rawMessage(body: Buffer, options: ReadOptions): Outgoing {
  const { exchange, routingKey = "" } = options.target;
  if (exchange === undefined) throw noTarget();
  return { publishing: { ...options.properties, exchange, routingKey, body } };
}

function envelopeMessage(line: Buffer, options: ReadOptions, place: string): Outgoing {
  const decoded = decodeEnvelope(line);
  if ("complaint" in decoded) throw new Failure(65, `${place} ${decoded.complaint}`);
  const { envelope } = decoded;
  const { headers: written, ...own } = envelope.properties;
  const origin = originOf(written);
  const to = targetOf(options.target, envelope, origin);
  if (to.exchange === undefined) throw noTarget(`${place} names no exchange`);
  const { headers: going, leftOut } = republishedHeaders(written ?? {}, envelope.kept["queue"] !== undefined);
  const { userId, headers, ...properties } = { ...own, ...options.properties };
  const merged = { ...going, ...headers };
  const user = options.keepUserId ? userId : options.properties.userId;
  return {
    kept: envelope.kept,
    leftOut,
    ...(to.sentBackTo === undefined ? {} : { sentBackTo: to.sentBackTo }),
    publishing: {
      ...properties,
      ...(user === undefined ? {} : { userId: user }),
      ...(Object.keys(merged).length === 0 ? {} : { headers: merged }),
      exchange: to.exchange,
      routingKey: to.routingKey,
      body: envelope.body,
    },
  };
}

/** What the command line leaves open: a dead letter goes back to the queue it failed in, anything else as it came. */
function targetOf(
  asked: Partial<Target>,
  envelope: DecodedEnvelope,
  origin: EnvelopeOrigin | undefined,
): { readonly exchange: string | undefined; readonly routingKey: string; readonly sentBackTo?: string } {
  if (origin !== undefined && asked.exchange === undefined && asked.routingKey === undefined)
    return { exchange: "", routingKey: origin.queue, sentBackTo: origin.queue };
  return {
    exchange: asked.exchange ?? origin?.exchange ?? envelope.exchange,
    routingKey: asked.routingKey ?? origin?.routingKey ?? envelope.routingKey ?? "",
  };
}

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09);
}
