import { confirmChannelDefaults, type ConfirmChannelOptions, confirmChannelRules } from "@warren/connection";
import {
  aBoolean,
  aFunction,
  anObject,
  aShortString,
  type Codecs,
  codecs,
  type Headers,
  resolveOptions,
  type Rules,
} from "@warren/message";

type Limits = Omit<ConfirmChannelOptions, "setup" | "down">;

export interface PublisherOptions extends Limits {
  /** Which application sends, as the `appId` property. @default none */
  readonly appId?: string;
  /** How payloads become bytes. @default codecs(): JSON, text and bytes */
  readonly codecs?: Codecs;
  /** Check each payload against its message's schema before it is sent. @default true */
  readonly validate?: boolean;
  /** Makes the id of each message that is given none. @default crypto.randomUUID */
  readonly messageId?: () => string;
  /** Headers that carry the caller's trace, for example `traceparent`; called once a publish. @default none */
  readonly traceHeaders?: () => Headers | undefined;
}

export type ResolvedPublisherOptions = Readonly<Required<Omit<PublisherOptions, "appId" | "traceHeaders">>> &
  Pick<PublisherOptions, "appId" | "traceHeaders">;

const { setup: _setup, down: _down, ...limitRules } = confirmChannelRules;

const defaults = Object.freeze({
  ...confirmChannelDefaults,
  codecs: codecs(),
  validate: true,
  messageId: (): string => crypto.randomUUID(),
});

const rules: Rules<PublisherOptions> = {
  ...limitRules,
  appId: aShortString,
  codecs: anObject,
  validate: aBoolean,
  messageId: aFunction,
  traceHeaders: aFunction,
};

/** @throws ConfigError INVALID_OPTION */
export function resolvePublisherOptions(input: PublisherOptions = {}): ResolvedPublisherOptions {
  return resolveOptions("createPublisher", input, defaults, rules);
}
