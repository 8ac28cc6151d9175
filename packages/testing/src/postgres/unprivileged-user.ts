import { LaunchError } from "../launch-error.ts";
import { runCommand } from "../run-command.ts";

export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root: as whom it runs instead. Undefined when this process is not root's. */
export async function unprivilegedUser(): Promise<SystemUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ["postgres", "nobody"]) {
    const ids = await Promise.all([runCommand(["id", "-u", name]), runCommand(["id", "-g", name])]).catch(
      () => [],
    );
    const [uid, gid] = ids.map(Number);
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new LaunchError(
    "PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody.",
  );
}
