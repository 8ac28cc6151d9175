import type { PublishControl } from "@warren/connection";
import type { AnyMessage, PayloadOf } from "@warren/message";
import { anInteger, milliseconds, type Rules } from "@warren/message/authoring";
import { type GivenRules, givenRules } from "./check-given.ts";
import { anAbortSignal, ownPropertyRules, type PublishOptions } from "./publish-options.ts";
import { isMessage } from "./sendable.ts";
import type { UnreadReplyLimits } from "./unread-replies.ts";

/** How one request waits for its answer. */
export interface RequestControl extends Pick<PublishControl, "signal"> {
  /** From the call to the answer, or to the last one, in milliseconds. @default the publisher's requestTimeoutMs */
  readonly timeoutMs?: number;
}

type Own = Omit<PublishOptions, "replyTo" | "correlationId" | keyof PublishControl>;

export interface RequestOptions<Reply extends AnyMessage = AnyMessage> extends Own, RequestControl {
  /** The message that answers: its schema checks the reply, and types it. @default not checked, `unknown` */
  readonly reply?: Reply;
}

export interface RequestManyOptions<Reply extends AnyMessage = AnyMessage> extends RequestOptions<Reply> {
  /** End after so many. @default when a reply says that it is the last (`x-warren-last-reply`) */
  readonly replies?: number;
  /**
   * How many replies may wait for the loop to take them. With more the loop gets those and then REPLY_BUFFER_FULL:
   * direct reply-to knows no acks, so that none can be left at the broker. @default 10_000
   */
  readonly maxBufferedReplies?: number;
  /** The same for the bytes of their bodies and headers. @default 67_108_864 (64 MiB) */
  readonly maxBufferedBytes?: number;
}

/** How much may wait for a slow reader when a request says nothing about it. */
export const unreadReplyDefaults: UnreadReplyLimits = Object.freeze({
  maxBufferedReplies: 10_000,
  maxBufferedBytes: 64 * 1024 * 1024,
});

/** What a reply is to the caller: the payload of the message that answers, or what the codec made of the body. */
export type ReplyPayload<Reply extends AnyMessage> = AnyMessage extends Reply ? unknown : PayloadOf<Reply>;

const controlRulesByName: Rules<RequestControl> = {
  signal: anAbortSignal,
  timeoutMs: milliseconds(1),
};

const { replyTo: _replyTo, correlationId: _correlationId, ...ownRules } = ownPropertyRules;

const optionRulesByName: Rules<RequestOptions> = {
  ...ownRules,
  ...controlRulesByName,
  reply: (value) => (isMessage(value) ? undefined : "must be a message of defineMessage"),
};

const manyOptionRulesByName: Rules<RequestManyOptions> = {
  ...optionRulesByName,
  replies: anInteger(1),
  maxBufferedReplies: anInteger(1),
  maxBufferedBytes: anInteger(1),
};

export const requestControlRules: GivenRules = givenRules(controlRulesByName);
export const requestOptionRules: GivenRules = givenRules(optionRulesByName);
export const requestManyOptionRules: GivenRules = givenRules(manyOptionRulesByName);
