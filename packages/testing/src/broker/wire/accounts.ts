import type { UserAccount } from "../embedded-broker-options.ts";
import { type PermissionPatterns, UserPermissions } from "../model/permissions.ts";
import type { VersionRules } from "../version.ts";
import { fitsHash, hashPassword } from "./password-hash.ts";

const everything: PermissionPatterns = { configure: ".*", write: ".*", read: ".*" };
const nothing: PermissionPatterns = { configure: "^$", write: "^$", read: "^$" };

/** A user as the management API knows it. */
export interface User {
  readonly name: string;
  /** Empty for one who cannot log in with a password. */
  readonly passwordHash: string;
  readonly tags: readonly string[];
}

interface Entry {
  user: User;
  /** In the virtual hosts that {@link grants} does not name. */
  readonly usual: PermissionPatterns | undefined;
  readonly grants: Map<string, PermissionPatterns | undefined>;
}

/** Who may connect, and what for. */
export class Accounts {
  readonly #byName = new Map<string, Entry>();
  readonly #rules: VersionRules;

  constructor(users: Readonly<Record<string, UserAccount>>, rules: VersionRules) {
    this.#rules = rules;
    for (const [name, account] of Object.entries(users)) this.add(name, account);
  }

  get users(): readonly User[] {
    return Array.from(this.#byName.values(), ({ user }) => user);
  }

  add(name: string, { password, vhosts, permissions = everything, tags }: UserAccount): void {
    const passwordHash = password === "" ? "" : hashPassword(password);
    this.#byName.set(name, {
      user: { name, passwordHash, tags: tags ?? ["administrator"] },
      usual: vhosts === undefined ? permissions : undefined,
      grants: new Map(vhosts?.map((vhost) => [vhost, permissions])),
    });
  }

  /** Changes a user and leaves what it may do, or adds one that may do nothing. */
  put(user: User): void {
    const entry = this.#byName.get(user.name);
    if (entry === undefined) this.#byName.set(user.name, { user, usual: undefined, grants: new Map() });
    else entry.user = user;
  }

  delete(name: string): void {
    this.#byName.delete(name);
  }

  find(name: string): User | undefined {
    return this.#byName.get(name)?.user;
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  grant(user: string, vhost: string, patterns: PermissionPatterns | undefined): void {
    this.#byName.get(user)?.grants.set(vhost, patterns);
  }

  patternsOf(user: string, vhost: string): PermissionPatterns | undefined {
    const entry = this.#byName.get(user);
    return entry?.grants.has(vhost) === true ? entry.grants.get(vhost) : entry?.usual;
  }

  mayEnter(user: string, vhost: string): boolean {
    return this.patternsOf(user, vhost) !== undefined;
  }

  /** Of one who may not enter: none. An administrator gets that far by the management API. */
  permissions(user: string, vhost: string): UserPermissions {
    const patterns = this.patternsOf(user, vhost) ?? nothing;
    return new UserPermissions({ user, vhost, patterns, rules: this.#rules });
  }

  accepts(name: string, password: Buffer): boolean {
    const user = this.#byName.get(name)?.user;
    return user !== undefined && fitsHash(password, user.passwordHash);
  }
}
