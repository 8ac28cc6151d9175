import { BrokerError } from "@warren/message";
import { declarationSteps, type Step } from "./declaration-steps.ts";
import type { DeclaringPort } from "./declaring-channel.ts";
import { explainRefusal } from "./refused-declaration.ts";
import type { Topology } from "./topology.ts";

/**
 * Looks whether every exchange and queue is there, by passive declarations, for which no configure permission is
 * needed. Success says nothing about their settings or their bindings; a plan does.
 *
 * @throws BrokerError BROKER_NOT_FOUND listing everything that is missing; BROKER_ACCESS_REFUSED;
 * BROKER_RESOURCE_LOCKED for another connection's exclusive queue.
 */
export async function checkTopology(port: DeclaringPort, topology: Topology): Promise<void> {
  const missing: { readonly step: Step; readonly refusal: BrokerError }[] = [];
  let open = declarationSteps(topology.declarations);
  while (open.length > 0) {
    const refused = await firstRefusal(port, open);
    if (refused === undefined) break;
    if (refused.refusal.replyCode !== 404) throw explainRefusal(refused.step, refused.refusal);
    missing.push(refused);
    open = open.slice(open.indexOf(refused.step) + 1);
  }
  if (missing.length > 0)
    throw notFound(
      missing.map(({ step }) => step.what),
      missing[0]!.refusal,
    );
}

/** Goes on with one channel for as long as the broker has no objection. */
async function firstRefusal(
  port: DeclaringPort,
  steps: readonly Step[],
): Promise<{ readonly step: Step; readonly refusal: BrokerError } | undefined> {
  let current: Step | undefined;
  try {
    await port.withChannel(async (channel) => {
      for (current of steps) await current.check?.(channel);
    });
    return undefined;
  } catch (error) {
    if (current === undefined || !(error instanceof BrokerError) || error.scope !== "channel") throw error;
    return { step: current, refusal: error };
  }
}

function notFound(missing: readonly string[], first: BrokerError): BrokerError {
  const details = {
    replyCode: first.replyCode,
    replyText: first.replyText,
    ...(first.method === undefined ? {} : { method: first.method }),
    scope: first.scope,
  };
  // In the broker's words alone: what is to be done is known better here than where the refusal was read.
  const cause = new BrokerError(first.code, first.replyText, { cause: first.cause, ...details });
  return new BrokerError(
    "BROKER_NOT_FOUND",
    `not on the broker: ${missing.join(", ")}; a check declares nothing: have the topology declared by someone who may configure it, or connect with declare: "create"`,
    { cause, context: { missing }, ...details },
  );
}
