import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readEnvironment } from "../environment.ts";
import type { Installation } from "./installation.ts";
import { linkPlugins } from "./plugin-folder.ts";
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
  readonly extraConfig: readonly string[];
}

/** Writes what a private node reads at its start, and returns the environment that leads it there. */
export async function writeNodeFiles(
  plan: NodePlan,
  installation: Installation,
): Promise<Record<string, string>> {
  const { folder, ports, options } = plan;
  const at = (...path: string[]): string => join(folder, ...path);
  await mkdir(at("log"), { recursive: true });
  await writeFile(at(".erlang.cookie"), plan.cookie, { mode: 0o400 });
  await writeFile(
    at("enabled_plugins"),
    `[${options.plugins.map((name) => `rabbitmq_${name}`).join(",")}].\n`,
  );
  await writeFile(at("rabbitmq.conf"), `${configLines(plan).join("\n")}\n`);
  const plugins = await linkPlugins(installation, options.plugins, at("plugins"));
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
    RABBITMQ_CONF_ENV_FILE: "/dev/null",
    RABBITMQ_ENABLED_PLUGINS_FILE: at("enabled_plugins"),
    RABBITMQ_PID_FILE: at("pid"),
    ...(plugins === undefined ? {} : { RABBITMQ_PLUGINS_DIR: plugins }),
    // One scheduler: many small nodes share a machine with the tests.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}",
    RABBITMQ_CTL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1}",
    // With this the start script becomes the Erlang VM, so that its pid is the node's.
    detached: "1",
  };
}

function configLines({ ports, options, extraConfig }: NodePlan): string[] {
  return [
    `listeners.tcp.1 = 127.0.0.1:${ports.amqp}`,
    "log.file = rabbit.log",
    "log.console = true",
    "log.console.level = error",
    ...(ports.management === undefined
      ? []
      : ["management.tcp.ip = 127.0.0.1", `management.tcp.port = ${ports.management}`]),
    ...(ports.tls === undefined ? [] : [`listeners.ssl.1 = 127.0.0.1:${ports.tls}`]),
    ...extraConfig,
    ...options.config,
  ];
}
