import { LaunchError } from "../launch-error.ts";
import type { Installation } from "./installation.ts";
import { findInstalled } from "./installed.ts";
import { trixieInstallation } from "./trixie.ts";

/** @throws LaunchError saying what to install. */
export async function chooseInstallation(release: "installed" | "4"): Promise<Installation> {
  const installation = release === "4" ? await trixieInstallation() : await findInstalled();
  if (installation !== undefined) return installation;
  throw new LaunchError(
    "RabbitMQ is not installed on this machine. Install it (Debian: apt-get install rabbitmq-server), " +
      "or set AMQP_URL to a broker that is there already.",
  );
}
