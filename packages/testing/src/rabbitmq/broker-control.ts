import { binary } from "./erlang.ts";

/** What a user may do in one virtual host: three regular expressions on names. `^$` allows nothing, `.*` all. */
export interface Permissions {
  /** @default ".*" */
  readonly configure?: string;
  /** @default ".*" */
  readonly write?: string;
  /** @default ".*" */
  readonly read?: string;
}

export interface UserDefinition {
  readonly name: string;
  readonly password: string;
  /** For example `administrator`. @default [] */
  readonly tags?: readonly string[];
  /** By virtual host. @default { "/": {} } (everything) */
  readonly permissions?: Readonly<Record<string, Permissions>>;
}

const actor = binary("warren");

/** What a test does to a broker from the outside. Everything acts at once and is over when the promise is fulfilled. */
export abstract class BrokerControl {
  /** Runs `rabbitmqctl` and returns its standard output. It takes about a second. */
  abstract ctl(...args: readonly string[]): Promise<string>;

  /** Evaluates an Erlang expression inside the broker and returns the value as Erlang prints it. */
  abstract evalErlang(expression: string): Promise<string>;

  /** Adds a user, by default with all permissions on `/`. */
  async addUser(user: UserDefinition): Promise<void> {
    const name = binary(user.name);
    const tags = (user.tags ?? []).map((tag) => `binary_to_atom(${binary(tag)}, utf8)`).join(", ");
    await this.evalErlang(`begin
      ok = rabbit_auth_backend_internal:add_user(${name}, ${binary(user.password)}, ${actor}),
      rabbit_auth_backend_internal:set_tags(${name}, [${tags}], ${actor}) end`);
    for (const [vhost, permissions] of Object.entries(user.permissions ?? { "/": {} })) {
      await this.setPermissions(user.name, permissions, vhost);
    }
  }

  async setPermissions(user: string, permissions: Permissions, vhost = "/"): Promise<void> {
    const { configure = ".*", write = ".*", read = ".*" } = permissions;
    const patterns = [configure, write, read].map(binary).join(", ");
    await this.evalErlang(
      `rabbit_auth_backend_internal:set_permissions(${binary(user)}, ${binary(vhost)}, ${patterns}, ${actor})`,
    );
  }

  async setPassword(user: string, password: string): Promise<void> {
    await this.evalErlang(
      `rabbit_auth_backend_internal:change_password(${binary(user)}, ${binary(password)}, ${actor})`,
    );
  }

  /** Adds a virtual host in which `users` may do everything. */
  async addVhost(name: string, users: readonly string[] = ["guest"]): Promise<void> {
    await this.evalErlang(`rabbit_vhost:add(${binary(name)}, ${actor})`);
    for (const user of users) await this.setPermissions(user, {}, name);
  }

  /** Removes a virtual host with all that is in it; its connections are closed. */
  async deleteVhost(name: string): Promise<void> {
    await this.evalErlang(`rabbit_vhost:delete(${binary(name)}, ${actor})`);
  }

  /** Deletes a queue behind the back of its consumers, which get a `basic.cancel`. */
  async deleteQueue(name: string, vhost = "/"): Promise<void> {
    await this.evalErlang(`begin
      {ok, Queue} = rabbit_amqqueue:lookup(rabbit_misc:r(${binary(vhost)}, queue, ${binary(name)})),
      {ok, _} = rabbit_amqqueue:delete(Queue, false, false, ${actor}), ok end`);
  }

  /** The broker closes all connections with 320 CONNECTION_FORCED. */
  async closeAllConnections(reason = "closed by the test"): Promise<void> {
    await this.evalErlang(
      `rabbit_networking:close_connections(rabbit_networking:connections(), ${binary(reason)})`,
    );
  }

  /** Sets or clears the memory alarm: connections that publish are blocked. */
  async memoryAlarm(on: boolean): Promise<void> {
    await this.#alarm("memory", on);
  }

  /** Sets or clears the disk alarm: connections that publish are blocked. */
  async diskAlarm(on: boolean): Promise<void> {
    await this.#alarm("disk", on);
  }

  async #alarm(resource: "memory" | "disk", on: boolean): Promise<void> {
    const alarm = `{resource_limit, ${resource}, node()}`;
    await this.evalErlang(
      on ? `rabbit_alarm:set_alarm({${alarm}, []})` : `rabbit_alarm:clear_alarm(${alarm})`,
    );
  }
}
