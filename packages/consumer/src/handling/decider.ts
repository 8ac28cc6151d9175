import { type Acknowledgement, DeliveryError, retry } from "@warren/message";
import { notHandled } from "./batcher.ts";
import type { ResolvedConsumerOptions } from "../consumer-options.ts";
import { decide, decideThrown, type Decision, unseenDecision } from "./decision.ts";
import { failureOf } from "./failure.ts";
import type { Finisher } from "../running/finisher.ts";
import type { IncomingDelivery } from "../settling/incoming-delivery.ts";
import { type Replier, ReplyAbandoned } from "./replier.ts";
import { acknowledgementOf, acknowledgementOfMiddleware } from "./returned-value.ts";

/** Makes a decision of whatever a handler, or the way to it, returned or threw; a requester is answered before that. */
export class Decider {
  readonly #options: ResolvedConsumerOptions;
  readonly #replier: Replier;
  readonly #finisher: Finisher;

  constructor(options: ResolvedConsumerOptions, replier: Replier, finisher: Finisher) {
    this.#options = options;
    this.#replier = replier;
    this.#finisher = finisher;
  }

  /** @param returned by the handler, or what stands around it: anything, where no compiler looked at it. */
  returned(delivery: IncomingDelivery, returned: unknown): void {
    const read = this.#options.middleware.length === 0 ? acknowledgementOf : acknowledgementOfMiddleware;
    let decision: Decision;
    try {
      decision = this.#decide(delivery, read(returned, delivery.handler!));
    } catch (unreadable) {
      return this.#failed(delivery, unreadable);
    }
    this.#finisher.finish(delivery, decision);
  }

  threw(delivery: IncomingDelivery, thrown: unknown): void {
    const answered = delivery.handler?.work.kind === "reply" && isForRequester(delivery, thrown);
    if (answered) void this.#answer(delivery, thrown);
    else this.#failed(delivery, thrown);
  }

  /** It cannot be handled, and will not be better after a wait. */
  refused(delivery: IncomingDelivery, thrown: unknown): void {
    const { code, reason } = failureOf(thrown);
    const failure = { code, reason };
    if (delivery.handler?.work.kind === "reply")
      void this.#replier.refuse(delivery, failure, () => delivery.state === "held").catch(() => undefined);
    this.#finisher.finish(delivery, { kind: "dead-letter", failure });
  }

  #decide(delivery: IncomingDelivery, acknowledgement: Acknowledgement | undefined): Decision {
    if (acknowledgement === notHandled) return unseenDecision;
    // Those of its key that are on their way here already would overtake a message that goes back to its queue.
    const decided =
      acknowledgement?.action === "requeue" && delivery.key !== undefined
        ? retry({ reason: "it was requeued" })
        : acknowledgement;
    return decide(decided, delivery, this.#options.retrySteps);
  }

  #failed(delivery: IncomingDelivery, thrown: unknown): void {
    const { retrySteps, rules } = this.#options;
    let decision: Decision;
    try {
      decision = decideThrown(thrown, delivery, retrySteps, rules);
    } catch {
      // A proxy, for example, whose traps throw.
      const unreadable = new DeliveryError("HANDLER_FAILED", "what the handler threw cannot be read");
      decision = decideThrown(unreadable, delivery, retrySteps, []);
    }
    this.#finisher.finish(delivery, decision);
  }

  /** What a middleware throws is answered as what the handler throws: a retry would come too late for the requester. */
  async #answer(delivery: IncomingDelivery, thrown: unknown): Promise<void> {
    try {
      await this.#replier.refuse(delivery, failureOf(thrown));
    } catch (abandoned) {
      // Not answered a second time, whatever it is: that would go on for ever.
      return this.#failed(delivery, abandoned);
    }
    this.#finisher.finish(delivery, this.#decide(delivery, undefined));
  }
}

/** Whether somebody waits for an answer, and giving one was not just given up. */
function isForRequester({ wire }: IncomingDelivery, thrown: unknown): boolean {
  if (wire.properties.replyTo === undefined) return false;
  try {
    return !(thrown instanceof ReplyAbandoned);
  } catch {
    // A proxy, for example, whose traps throw.
    return true;
  }
}
