import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { runCommand } from "../run-command.ts";
import { BrokerControl } from "./broker-control.ts";
import { printed, valueOf } from "./erlang.ts";
import { chooseInstallation } from "./choose-installation.ts";
import type { Installation } from "./installation.ts";

/** What it takes to command a private node, from any process of this machine. Plain data. */
export interface NodeAccess {
  /** Erlang's name of the node. */
  readonly name: string;
  readonly cookie: string;
  readonly folder: string;
  /** The folder of its `rabbitmqctl`. */
  readonly scripts: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly release: "installed" | "4";
}

/** Commands a private node with its own `rabbitmqctl` and `erl_call`. */
export class NodeControl extends BrokerControl {
  /** Give this to another process and to `NodeControl.attach` there. */
  readonly access: NodeAccess;
  readonly #installation: Installation;

  constructor(access: NodeAccess, installation: Installation) {
    super();
    this.access = access;
    this.#installation = installation;
  }

  static async attach(access: NodeAccess): Promise<NodeControl> {
    return new NodeControl(access, await chooseInstallation(access.release));
  }

  override ctl(...args: readonly string[]): Promise<string> {
    const { name, folder, scripts, environment } = this.access;
    const program = join(scripts, "rabbitmqctl");
    const command = this.#installation.program(program, "--quiet", "--node", name, ...args);
    return runCommand(command, { cwd: folder, environment });
  }

  override async evalErlang(expression: string): Promise<string> {
    const { name, cookie, folder, environment } = this.access;
    // Its own -r takes the same "random" name twice within a moment, and the node refuses the second.
    const caller = `call-${randomBytes(6).toString("hex")}`;
    const flags = ["-h", caller, "-c", cookie, "-n", name, "-e", "-fetch_stdout", "-no_result_term"];
    const command = this.#installation.program("erl_call", ...flags);
    const output = await runCommand(command, { cwd: folder, environment, input: printed(expression) });
    return valueOf(expression, output);
  }
}
