import { isDeepStrictEqual } from "node:util";
import type { Difference } from "./compare.ts";
import { describeBinding } from "./declaration-steps.ts";
import type { BindingDeclaration, Declarations } from "./declarations.ts";
import type { LiveBinding, LiveState, Settings } from "./live-state.ts";
import type { Plan, PlanEntry, PlanFinding } from "./plan.ts";
import type { Topology } from "./topology.ts";

/** The whole comparison, with a virtual host that the management API has shown. */
export function planByManagement(
  live: LiveState,
  { declarations }: Topology,
): Pick<Plan, "source" | "entries" | "notes"> {
  return {
    source: "management",
    entries: [
      ...declarations.exchanges.map(({ name, arguments: args, ...flags }): PlanEntry => {
        const finding = compareSettings({ ...flags, ...args }, live.exchanges.get(name));
        return { kind: "exchange", name, ...finding };
      }),
      ...declarations.queues.map(({ name, role: _role, arguments: args, ...flags }): PlanEntry => {
        return { kind: "queue", name, ...compareSettings({ ...flags, ...args }, live.queues.get(name)) };
      }),
      ...declarations.bindings.map((binding): PlanEntry => {
        const there = live.bindings.some((each) => sameBinding(each, binding));
        return { kind: "binding", name: describeBinding(binding), action: there ? "unchanged" : "create" };
      }),
      ...extraQueues(live, declarations),
      ...extraBindings(live, declarations),
    ],
    notes: [],
  };
}

function compareSettings(wanted: Settings, actual: Settings | undefined): PlanFinding {
  if (actual === undefined) return { action: "create" };
  const differences: Difference[] = [];
  for (const argument of new Set([...Object.keys(wanted), ...Object.keys(actual)])) {
    const pair = { argument, wanted: wanted[argument], actual: actual[argument] };
    if (!isDeepStrictEqual(pair.wanted, pair.actual) && !unsaidClassic(pair)) differences.push(pair);
  }
  return differences.length === 0
    ? { action: "unchanged" }
    : { action: "changed", differences, complete: true };
}

/** A classic queue may have been declared without a type; RabbitMQ takes the two as equal. */
function unsaidClassic({ argument, wanted, actual }: Difference): boolean {
  return argument === "x-queue-type" && wanted === "classic" && actual === undefined;
}

function sameBinding(live: LiveBinding, wanted: BindingDeclaration): boolean {
  return (
    live.source === wanted.source &&
    live.destination === wanted.destination &&
    live.destinationType === wanted.destinationType &&
    live.routingKey === wanted.routingKey &&
    isDeepStrictEqual({ ...live.arguments }, { ...wanted.arguments })
  );
}

/** Left over from an earlier ladder. Other queues are other people's business. */
function extraQueues(live: LiveState, { queues }: Declarations): PlanEntry[] {
  const declared = new Set(queues.map((queue) => queue.name));
  return [...live.queues.keys()].flatMap((name): PlanEntry[] => {
    const [, owner = ""] = /^(.+)(?:\.dead|\.retry\.[0-9]+)$/s.exec(name) ?? [];
    if (declared.has(name) || !declared.has(owner)) return [];
    return [
      {
        kind: "queue",
        name,
        action: "extra",
        reason: `it belonged to queue "${owner}", which no longer uses it`,
      },
    ];
  });
}

function extraBindings(live: LiveState, { exchanges, queues, bindings }: Declarations): PlanEntry[] {
  const ours = new Set([
    ...exchanges.map(({ name }) => `exchange ${name}`),
    ...queues.map(({ name }) => `queue ${name}`),
  ]);
  return live.bindings
    .filter(
      ({ source, destination, destinationType }) =>
        source !== "" && ours.has(`${destinationType} ${destination}`),
    )
    .filter((each) => !bindings.some((binding) => sameBinding(each, binding)))
    .map((each) => ({
      kind: "binding",
      name: describeBinding(each as BindingDeclaration),
      action: "extra",
      reason: "bound by something else, or by an earlier topology; it still brings messages",
    }));
}
