import { join } from "node:path";
import { readEnvironment } from "../environment.ts";
import { OwnedProcess } from "../owned-process.ts";
import { runCommand } from "../run-command.ts";
import { within } from "../within.ts";
import type { ResolvedPostgresOptions } from "./postgres-options.ts";
import type { SystemUser } from "./unprivileged-user.ts";

export interface PostgresServerParts {
  readonly port: number;
  /** The folder with PostgreSQL's programs. */
  readonly programs: string;
  readonly folder: string;
  readonly user: SystemUser | undefined;
  readonly options: ResolvedPostgresOptions;
  readonly cleanUp: () => Promise<void>;
}

/** A PostgreSQL server of one's own; see `startPostgres`. It ends with this process however that ends. */
export class PostgresServer implements AsyncDisposable {
  readonly host = "127.0.0.1";
  readonly port: number;
  /** As the superuser `postgres`, without a password, to the database `postgres`. */
  readonly url: string;
  readonly #parts: PostgresServerParts;
  #process: OwnedProcess | undefined;

  constructor(parts: PostgresServerParts) {
    this.#parts = parts;
    this.port = parts.port;
    this.url = `postgres://postgres@${this.host}:${parts.port}/postgres`;
  }

  /** The process id of the postmaster, while there is one. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts it with the data it had; on return it takes connections. */
  async start(): Promise<void> {
    if (this.#process !== undefined) return;
    const { programs, folder, user, options } = this.#parts;
    const settings = {
      listen_addresses: this.host,
      port: this.port,
      unix_socket_directories: folder,
      // Kept in the data folder, so that a killed server leaves nothing in shared memory.
      dynamic_shared_memory_type: "mmap",
      ...options.settings,
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const server = new OwnedProcess({
      name: "PostgreSQL",
      command: [join(programs, "postgres"), "-D", join(folder, "data"), ...flags],
      cwd: folder,
      environment: { PATH: readEnvironment().path },
      ...user,
    });
    this.#process = server;
    void this.#forget(server);
    try {
      await within(options.startTimeoutMs, "PostgreSQL", server.prints("ready to accept connections"));
    } catch (error) {
      await server.kill();
      throw error;
    }
  }

  /**
   * Stops it and keeps the data. `"fast"` ends all sessions in order; `"immediate"` ends them at once, and the next
   * start recovers from the log as after a crash.
   */
  async stop(mode: "fast" | "immediate" = "fast"): Promise<void> {
    const server = this.#process;
    if (server === undefined) return;
    server.signal(mode === "fast" ? "SIGINT" : "SIGQUIT");
    await server.exited;
  }

  /** SIGKILL of the postmaster; its backends notice and end. The data is kept. */
  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Runs SQL with `psql` and returns rows as lines, columns separated by `|`. */
  async sql(statements: string): Promise<string> {
    const { programs, folder } = this.#parts;
    const flags = ["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1"];
    const output = await runCommand([join(programs, "psql"), ...flags, this.url], {
      cwd: folder,
      input: statements,
    });
    return output.trimEnd();
  }

  /** Ends it and removes its data. */
  async close(): Promise<void> {
    await this.stop("immediate");
    await this.#parts.cleanUp();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #forget(server: OwnedProcess): Promise<void> {
    await server.exited;
    if (this.#process === server) this.#process = undefined;
  }
}
