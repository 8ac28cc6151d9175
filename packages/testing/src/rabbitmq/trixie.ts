import type { Installation } from "./installation.ts";
import { LaunchError } from "../launch-error.ts";
export function trixieInstallation(): Promise<Installation> {
  return Promise.reject(new LaunchError("RabbitMQ 4 is not there yet"));
}
