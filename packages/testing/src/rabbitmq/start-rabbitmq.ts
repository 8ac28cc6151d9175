import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { OwnedProcess } from "../owned-process.ts";
import { claimPort, type PortClaim } from "../ports.ts";
import { makeScratchFolder } from "../scratch-folder.ts";
import { CertificateAuthority } from "./certificates.ts";
import { chooseInstallation } from "./choose-installation.ts";
import type { Installation } from "./installation.ts";
import { writeNodeFiles, type NodePlan, type NodePorts } from "./node-files.ts";
import {
  resolveRabbitMqOptions,
  type RabbitMqOptions,
  type ResolvedRabbitMqOptions,
} from "./rabbitmq-options.ts";
import { layOutHome } from "./node-home.ts";
import { RabbitMqNode, type TlsAccess } from "./rabbitmq-node.ts";

/**
 * Starts a RabbitMQ node of one's own on free ports of the loopback interface, from the server that is installed on
 * this machine. Takes about five seconds.
 *
 * ```ts
 * await using broker = await startRabbitMq({ plugins: ["management"] });
 * const connection = await connect(broker.url);
 * await broker.kill(); // SIGKILL
 * await broker.start(); // the same port, the same data
 * ```
 *
 * @throws LaunchError when RabbitMQ is not installed or does not start.
 * @throws ConfigError INVALID_OPTION
 */
export async function startRabbitMq(options: RabbitMqOptions = {}): Promise<RabbitMqNode> {
  const resolved = resolveRabbitMqOptions("startRabbitMq", options);
  const node = await prepareNode(resolved);
  try {
    await node.start();
    for (const user of resolved.users) await node.addUser(user);
  } catch (error) {
    await node.close();
    throw error;
  }
  return node;
}

/** What the nodes of a cluster share. */
export interface ClusterShare {
  readonly epmdPort: number;
  readonly cookie: string;
  /** Settings of the application `rabbit`, as Erlang terms. */
  readonly rabbitSettings: readonly string[];
  /** Erlang's name, and the port that it was chosen with. */
  readonly name: string;
}

/** All that a node needs, laid out in a scratch folder; it is not started yet. */
export async function prepareNode(
  options: ResolvedRabbitMqOptions,
  share?: ClusterShare,
): Promise<RabbitMqNode> {
  const installation = await chooseInstallation(options.version);
  const scratch = await makeScratchFolder("rabbitmq");
  const claims: PortClaim[] = [];
  const claim = async (): Promise<number> => {
    const claimed = await claimPort();
    claims.push(claimed);
    return claimed.port;
  };
  const ports: NodePorts = {
    amqp: await claim(),
    distribution: await claim(),
    epmd: share?.epmdPort ?? (await claim()),
    management: options.plugins.includes("management") ? await claim() : undefined,
    tls: options.tls === false ? undefined : await claim(),
  };
  const tls = ports.tls === undefined ? undefined : await prepareTls(scratch.path, ports.tls, options);
  const plan: NodePlan = {
    name: share?.name ?? `warren-${ports.amqp}@localhost`,
    folder: scratch.path,
    cookie: share?.cookie ?? newCookie(),
    ports,
    options: withTlsPlugins(options),
    rabbitSettings: [...(share?.rabbitSettings ?? []), ...(tls?.settings ?? [])],
  };
  const environment = await writeNodeFiles(plan);
  const scripts = await layOutHome(installation, plan.options.plugins, join(scratch.path, "rabbitmq"));
  const epmd = share === undefined ? startEpmd(installation, ports.epmd) : undefined;
  return new RabbitMqNode({
    plan,
    installation,
    scripts,
    environment,
    tls: tls?.access,
    cleanUp: async () => {
      await epmd?.kill();
      for (const claimed of claims) claimed.release();
      await scratch.remove();
    },
  });
}

export function newCookie(): string {
  return randomBytes(12).toString("hex").toUpperCase();
}

/** Erlang's port mapper, one for each node or cluster: the machine's own one is left alone. */
export function startEpmd(installation: Installation, port: number): OwnedProcess {
  return new OwnedProcess({
    name: "epmd",
    command: installation.program("epmd", "-port", String(port), "-address", "127.0.0.1"),
  });
}

async function prepareTls(
  folder: string,
  port: number,
  options: ResolvedRabbitMqOptions,
): Promise<{ readonly access: TlsAccess; readonly settings: readonly string[] }> {
  const authority = await CertificateAuthority.create(join(folder, "certificates"));
  const server = await authority.issue({ commonName: "localhost" });
  const client = await authority.issue({ commonName: "guest" });
  const mutual = options.tls === "mutual";
  return {
    access: {
      port,
      url: `amqps://guest:guest@localhost:${port}`,
      caFile: authority.caFile,
      client,
      authority,
    },
    settings: [
      `{ssl_listeners, [{"127.0.0.1", ${port}}]}`,
      `{ssl_options, [{cacertfile, "${authority.caFile}"}, {certfile, "${server.certificateFile}"},
        {keyfile, "${server.keyFile}"}, {verify, ${mutual ? "verify_peer" : "verify_none"}},
        {fail_if_no_peer_cert, ${mutual}}]}`,
      ...(mutual
        ? ["{ssl_cert_login_from, common_name}", "{auth_mechanisms, ['PLAIN', 'AMQPLAIN', 'EXTERNAL']}"]
        : []),
    ],
  };
}

function withTlsPlugins(options: ResolvedRabbitMqOptions): ResolvedRabbitMqOptions {
  if (options.tls !== "mutual") return options;
  return { ...options, plugins: [...new Set([...options.plugins, "auth_mechanism_ssl"])] };
}
