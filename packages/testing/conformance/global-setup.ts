import { env, stderr } from "node:process";
import type { TestProject } from "vitest/node";
import { readEnvironment } from "../src/environment.ts";
import { LaunchError } from "../src/launch-error.ts";
import type { RabbitMqNode } from "../src/rabbitmq/rabbitmq-node.ts";
import { startRabbitMq } from "../src/rabbitmq/start-rabbitmq.ts";
import { targets, type ProvidedTarget, type TargetName } from "./harness/targets.ts";

/** Starts one node of each real RabbitMQ for the whole run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const nodes: RabbitMqNode[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.close()));
  };
  const asked = askedTargets(env["WARREN_CONFORMANCE"]);
  const outcomes = await Promise.allSettled(
    asked.map(async (name) => [name, await provide(name, nodes)] as const),
  );
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) {
    await close();
    throw failed.reason;
  }
  const provided = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  project.provide("warren:conformance", Object.fromEntries(provided));
  return close;
}

function askedTargets(list: string | undefined): readonly TargetName[] {
  const known = Object.keys(targets) as TargetName[];
  if (!list) return known;
  const asked = list.split(",");
  const unknown = asked.filter((name) => !known.some((other) => other === name));
  if (unknown.length > 0)
    throw new LaunchError(`WARREN_CONFORMANCE knows no "${unknown.join(",")}", but ${known.join(", ")}.`);
  return known.filter((name) => asked.includes(name));
}

async function provide(name: TargetName, nodes: RabbitMqNode[]): Promise<ProvidedTarget> {
  const { version, embedded, title } = targets[name];
  if (embedded) return { state: "embedded" };
  try {
    const node = await startRabbitMq({ version: version === "4.0" ? "4" : "installed" });
    nodes.push(node);
    if (!node.version.startsWith(`${version}.`))
      throw new LaunchError(`${title} is not here: this machine has ${node.version}.`);
    return { state: "running", port: node.port, access: node.access };
  } catch (error) {
    if (!(error instanceof LaunchError) || readEnvironment().requireReal) throw error;
    stderr.write(`No conformance tests on ${title}: ${error.message}\n`);
    return { state: "missing", why: error.message };
  }
}
