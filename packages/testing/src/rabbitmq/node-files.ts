import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readEnvironment } from "../environment.ts";
import type { ResolvedRabbitMqOptions } from "./rabbitmq-options.ts";

export interface NodePorts {
  readonly amqp: number;
  readonly distribution: number;
  readonly epmd: number;
  readonly management: number | undefined;
  readonly tls: number | undefined;
}

export interface NodePlan {
  /** For example `warren-21001@localhost`. */
  readonly name: string;
  readonly folder: string;
  readonly cookie: string;
  readonly ports: NodePorts;
  readonly options: ResolvedRabbitMqOptions;
  /** Settings of the application `rabbit`, as Erlang terms. */
  readonly rabbitSettings: readonly string[];
}

/** Writes what a private node reads at its start, and returns the environment that leads it there. */
export async function writeNodeFiles(plan: NodePlan): Promise<Record<string, string>> {
  const { folder, ports, options } = plan;
  const at = (...path: string[]): string => join(folder, ...path);
  await mkdir(at("log"), { recursive: true });
  await writeFile(at(".erlang.cookie"), plan.cookie, { mode: 0o400 });
  await writeFile(
    at("enabled_plugins"),
    `[${options.plugins.map((name) => `rabbitmq_${name}`).join(",")}].\n`,
  );
  await writeFile(at("advanced.config"), advancedConfig(plan));
  if (options.config.length > 0) await writeFile(at("rabbitmq.conf"), `${options.config.join("\n")}\n`);
  return {
    PATH: readEnvironment().path,
    HOME: folder,
    LANG: "C.UTF-8",
    ERL_EPMD_PORT: String(ports.epmd),
    ERL_EPMD_ADDRESS: "127.0.0.1",
    RABBITMQ_NODENAME: plan.name,
    RABBITMQ_DIST_PORT: String(ports.distribution),
    RABBITMQ_MNESIA_BASE: at("data"),
    RABBITMQ_LOG_BASE: at("log"),
    RABBITMQ_CONFIG_FILE: at("rabbitmq.conf"),
    RABBITMQ_ADVANCED_CONFIG_FILE: at("advanced.config"),
    RABBITMQ_CONF_ENV_FILE: "/dev/null",
    RABBITMQ_ENABLED_PLUGINS_FILE: at("enabled_plugins"),
    RABBITMQ_PID_FILE: at("pid"),
    // One scheduler: many small nodes share a machine with the tests.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}",
    // Room for more than the usual eleven calls of rabbitmqctl at a time.
    RABBITMQ_CTL_DIST_PORT_MIN: "35672",
    RABBITMQ_CTL_DIST_PORT_MAX: "36671",
    RABBITMQ_CTL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1}",
    // With this the start script becomes the Erlang VM, so that its pid is the node's.
    detached: "1",
  };
}

/**
 * Warren's own settings, as Erlang terms: a `rabbitmq.conf` has to be compiled to these at every start, which takes
 * as long as a fifth of the start. They win over the same settings in `options.config`.
 */
function advancedConfig({ ports, rabbitSettings }: NodePlan): string {
  const rabbit = [
    `{tcp_listeners, [{"127.0.0.1", ${ports.amqp}}]}`,
    '{log, [{file, [{file, "rabbit.log"}]}, {console, [{enabled, true}, {level, error}]}]}',
    ...rabbitSettings,
  ];
  const management =
    ports.management === undefined ? "" : `{tcp_config, [{ip, "127.0.0.1"}, {port, ${ports.management}}]}`;
  return `[{rabbit, [${rabbit.join(",\n  ")}]},\n {rabbitmq_management, [${management}]}].\n`;
}
