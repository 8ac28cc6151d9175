import { confirmChannelDefaults, type ConfirmChannelOptions, confirmChannelRules } from "@warren/connection";
import { type Codecs, codecs, type ContentEncoding, type Headers } from "@warren/message";
import {
  aBoolean,
  aFunction,
  anInteger,
  anObject,
  aShape,
  aShortString,
  milliseconds,
  oneOf,
  resolveOptions,
  type Rules,
} from "@warren/message/authoring";
import { makeMessageId } from "./message-id.ts";

type Limits = Omit<ConfirmChannelOptions, "purpose" | "setup" | "down">;

export interface CompressOptions {
  /** Bodies larger than this are compressed, unless they do not get smaller. */
  readonly overBytes: number;
  /** @default "gzip" */
  readonly encoding?: ContentEncoding;
}

export interface PublisherOptions extends Limits {
  /** Which application sends, as the `appId` property. @default none */
  readonly appId?: string;
  /** How payloads become bytes. @default codecs(): JSON, text and bytes */
  readonly codecs?: Codecs;
  /** Check each payload against its message's schema before it is sent. @default true */
  readonly validate?: boolean;
  /** Compress large bodies; the property `contentEncoding` tells, and Warren's consumer decompresses. @default none */
  readonly compress?: CompressOptions;
  /** Longest wait for the answer to a request, in milliseconds. @default 30_000 */
  readonly requestTimeoutMs?: number;
  /** Makes the id of each message that is given none. @default crypto.randomUUID */
  readonly messageId?: () => string;
  /** Headers that carry the caller's trace, for example `traceparent`; called once a publish. @default none */
  readonly traceHeaders?: () => Headers | undefined;
}

type Optional = "appId" | "traceHeaders" | "compress";

export type ResolvedPublisherOptions = Readonly<
  Required<Omit<PublisherOptions, Optional>> & Pick<PublisherOptions, Optional>
>;

const { purpose: _purpose, setup: _setup, down: _down, ...limitRules } = confirmChannelRules;

const { purpose: _default, ...limitDefaults } = confirmChannelDefaults;

const defaults = Object.freeze({
  ...limitDefaults,
  codecs: codecs(),
  validate: true,
  requestTimeoutMs: 30_000,
  messageId: makeMessageId,
});

const rules: Rules<PublisherOptions> = {
  ...limitRules,
  appId: aShortString,
  codecs: (value) =>
    anObject(value) === undefined && typeof (value as Partial<Codecs>).for === "function"
      ? undefined
      : "must be what codecs(…) gives",
  validate: aBoolean,
  compress: aShape<CompressOptions>({ overBytes: anInteger(0), encoding: oneOf("gzip") }, ["overBytes"]),
  requestTimeoutMs: milliseconds(1),
  messageId: aFunction,
  traceHeaders: aFunction,
};

/** @throws ConfigError INVALID_OPTION */
export function resolvePublisherOptions(input: PublisherOptions = {}): ResolvedPublisherOptions {
  return resolveOptions("createPublisher", input, defaults, rules);
}

/** What of these is the business of a channel. */
export function limitsOf(options: ResolvedPublisherOptions): Required<Limits> {
  const { name, maxInFlight, maxWaiting, maxBufferBytes, whenFull } = options;
  const { confirmTimeoutMs, deliveryTimeoutMs, maxBodyBytes } = options;
  return {
    name,
    maxInFlight,
    maxWaiting,
    maxBufferBytes,
    whenFull,
    confirmTimeoutMs,
    deliveryTimeoutMs,
    maxBodyBytes,
  };
}
