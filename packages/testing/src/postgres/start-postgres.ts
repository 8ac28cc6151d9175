import { chown } from "node:fs/promises";
import { join } from "node:path";
import { claimPort } from "../ports.ts";
import { runCommand } from "../run-command.ts";
import { makeScratchFolder } from "../scratch-folder.ts";
import { findPostgres } from "./installed.ts";
import { resolvePostgresOptions, type PostgresOptions } from "./postgres-options.ts";
import { PostgresServer } from "./postgres-server.ts";
import { unprivilegedUser } from "./unprivileged-user.ts";

/**
 * Starts a PostgreSQL server of one's own on a free port of the loopback interface, from the server that is
 * installed on this machine. Takes about two seconds.
 *
 * ```ts
 * await using database = await startPostgres({ settings: { wal_level: "logical" } });
 * const pool = new pg.Pool({ connectionString: database.url });
 * ```
 *
 * @throws LaunchError when PostgreSQL is not installed or does not start.
 * @throws ConfigError INVALID_OPTION
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const resolved = resolvePostgresOptions(options);
  const programs = await findPostgres();
  const user = await unprivilegedUser();
  const scratch = await makeScratchFolder("postgres");
  const claim = await claimPort();
  const server = new PostgresServer({
    port: claim.port,
    programs,
    folder: scratch.path,
    user,
    options: resolved,
    cleanUp: async () => {
      claim.release();
      await scratch.remove();
    },
  });
  try {
    if (user !== undefined) await chown(scratch.path, user.uid, user.gid);
    const flags = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
    await runCommand([join(programs, "initdb"), "-D", join(scratch.path, "data"), ...flags], {
      cwd: scratch.path,
      ...user,
    });
    await server.start();
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}
