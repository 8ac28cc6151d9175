import { BrokerError } from "@warren/message";
import { parseInequivalence } from "./broker-reply.ts";
import { checkTopology } from "./check-topology.ts";
import { declarationSteps, type Step } from "./declaration-steps.ts";
import type { DeclaringPort } from "./declaring-channel.ts";
import { differenceOf } from "./compare.ts";
import { collectDrift, type Drift, driftError } from "./drift.ts";
import { explainRefusal } from "./refused-declaration.ts";
import type { Topology } from "./topology.ts";

/** `create` declares what is missing, `check` only looks, `none` does nothing. */
export type DeclareMode = "create" | "check" | "none";

/**
 * Declares a topology. What is already there as wanted stays untouched, so it may be called at every connect.
 * Nothing is ever deleted, unbound or changed: success does not mean that the broker has no further bindings.
 *
 * @throws BrokerError TOPOLOGY_DRIFT when something exists with other settings, listing all of them: which argument,
 * wanted, actual. Nothing after the first is declared then. BROKER_ACCESS_REFUSED with the permission that is missing;
 * BROKER_RESOURCE_LOCKED, BROKER_NOT_FOUND, BROKER_PRECONDITION_FAILED. In mode `check` see {@link checkTopology}.
 * https://www.rabbitmq.com/docs/queues#property-equivalence
 */
export async function declareTopology(
  port: DeclaringPort,
  topology: Topology,
  mode: DeclareMode,
): Promise<void> {
  if (mode === "none") return;
  if (mode === "check") return checkTopology(port, topology);
  const steps = declarationSteps(topology.declarations);
  let current: Step | undefined;
  try {
    await port.withChannel(async (channel) => {
      for (current of steps) await current.declare(channel);
    });
  } catch (error) {
    if (current === undefined || !(error instanceof BrokerError)) throw error;
    throw await explain(port, topology, current, error);
  }
}

async function explain(
  port: DeclaringPort,
  topology: Topology,
  step: Step,
  refusal: BrokerError,
): Promise<BrokerError> {
  const named = refusal.replyCode === 406 ? parseInequivalence(refusal.replyText) : undefined;
  if (named === undefined || step.kind === "binding") return explainRefusal(step, refusal);
  const drifts = await collectDrift(port, topology);
  // RabbitMQ 4.3 compares a few arguments after the one that a look ends with; this answer has named one of those.
  const told = drifts.some(({ kind, name }) => kind === step.kind && name === step.name);
  const difference = differenceOf(named, step.settings);
  const last: Drift = { kind: step.kind, name: step.name, differences: [difference], complete: false };
  return driftError(told ? drifts : [...drifts, last], refusal);
}
