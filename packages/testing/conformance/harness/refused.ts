import type { Channel, ChannelModel } from "amqplib";

/** Why a broker closed a channel or a connection. */
export interface Refusal {
  readonly code: number;
  readonly text: string;
}

/**
 * What the broker closes the channel or the connection with, when the action is done on it.
 * @throws Error when it closes neither.
 */
export async function refused(subject: Channel | ChannelModel, action: () => unknown): Promise<Refusal> {
  const closed = new Promise<unknown>((resolve) => {
    subject.once("error", resolve);
    subject.once("close", resolve);
  });
  const error = await Promise.race([closed, failureOf(subject, action)]);
  if (error === undefined) throw new Error("the broker did not refuse it");
  return refusalIn(error instanceof Error && /with message/.test(error.message) ? error : await closed);
}

/** What it fails with; undefined once the broker has gone beyond it without a complaint. */
async function failureOf(subject: Channel | ChannelModel, action: () => unknown): Promise<unknown> {
  try {
    await action();
    if ("createChannel" in subject) await (await subject.createChannel()).close();
    else await subject.checkExchange("amq.direct");
    return undefined;
  } catch (error) {
    // Thrown by amqplib before anything was sent; what the broker says comes in other words.
    if (error instanceof TypeError) throw error;
    return error;
  }
}

function refusalIn(error: unknown): Refusal {
  const found = error instanceof Error ? /(\d+) \([\w-]+\) with message "(.*)"$/s.exec(error.message) : null;
  if (found === null) throw new Error("closed without a reason", { cause: error });
  return { code: Number(found[1]), text: found[2] ?? "" };
}
