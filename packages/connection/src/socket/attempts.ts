import { setTimeout as sleep } from "node:timers/promises";
import { WarrenError } from "@warren/message";
import { backoffMs } from "@warren/message/authoring";
import { withDeadline } from "../channel/deadline.ts";
import type { ResolvedConnectOptions } from "../connect-options.ts";
import { describeAddress } from "../uri.ts";
import type { Attempt } from "./connection-loop.ts";
import { diagnose } from "./diagnosis.ts";
import { HostRotation } from "./host-rotation.ts";

/** A connection that lasts less than this was not a success: the pause before the next attempt keeps growing. */
const stableAfterMs = 1_000;

/** A diagnosis asks the broker once more; it must not hold up the next attempt for long. */
const maxProbeMs = 3_000;

/** When to try to connect, where and as whom, and why it did not work. */
export class Attempts {
  readonly #options: ResolvedConnectOptions;
  readonly #purpose: string;
  readonly #signal: AbortSignal;
  readonly #hosts: HostRotation;
  /** Failed attempts and short-lived connections since the last one that lasted. */
  #failures = 0;
  #current: Attempt | undefined;
  #diagnosing: Promise<WarrenError> | undefined;

  /** @param signal ends every wait. */
  constructor(options: ResolvedConnectOptions, purpose: string, signal: AbortSignal) {
    this.#options = options;
    this.#purpose = purpose;
    this.#signal = signal;
    this.#hosts = new HostRotation(options.addresses, options.random);
  }

  get failures(): number {
    return this.#failures;
  }

  /** The host that was tried last, as it may be logged. */
  get where(): string {
    return describeAddress(this.#hosts.current);
  }

  /** When the token that the last attempt used ends, if it was one that tells. */
  get tokenExpiresAt(): Date | undefined {
    return this.#current?.login.expiresAt;
  }

  /** The next attempt, when its time has come. Rejecting is a failed attempt. */
  async next(): Promise<Attempt> {
    await this.#diagnosing;
    const { reconnect, random, connectTimeoutMs, login: source } = this.#options;
    await sleep(backoffMs(this.#failures, reconnect, random), undefined, { signal: this.#signal });
    const address = this.#hosts.next();
    this.#current = undefined;
    const [login, tls] = await withDeadline(
      Promise.all([source.sasl(address), source.tls(address)]),
      connectTimeoutMs,
      "the request for credentials",
      this.#signal,
    );
    this.#current = { address, options: this.#options, purpose: this.#purpose, login, tls };
    return this.#current;
  }

  /** Counts a failed attempt and finds out why it failed; no other begins before that is known. */
  failed(thrown: unknown): Promise<WarrenError> {
    this.#failures++;
    return (this.#diagnosing = this.#diagnose(thrown));
  }

  /** Counts the loss of an open connection. */
  lost(lastedMs: number): void {
    if (lastedMs >= stableAfterMs) this.#failures = 0;
    this.#failures++;
  }

  async #diagnose(thrown: unknown): Promise<WarrenError> {
    if (thrown instanceof WarrenError || this.#current === undefined) return thrown as WarrenError;
    const { frameMax, connectTimeoutMs } = this.#options;
    const timeoutMs = Math.min(connectTimeoutMs, maxProbeMs);
    return diagnose(thrown, { ...this.#current, frameMax, timeoutMs, signal: this.#signal });
  }
}
