import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { startFaultProxy, type FaultProxy } from "@warren/testing";
import type { Connection } from "./connection.ts";
import type { ConnectionState, ConnectionStatus } from "./connection-state.ts";

/** Resolves with the change to that state, or at once when it is already so. */
export async function becomes(
  connection: Connection,
  kind: ConnectionState["kind"],
): Promise<ConnectionStatus | undefined> {
  if (connection.state.kind === kind) return undefined;
  return next(connection, kind);
}

/** The next change to that state. */
export async function next(connection: Connection, kind: ConnectionState["kind"]): Promise<ConnectionStatus> {
  for await (const change of connection.status()) if (change.to === kind) return change;
  throw new Error(`the connection was closed before it was ${kind}`);
}

export interface Recorded<Event> extends Disposable {
  readonly events: readonly Event[];
  /** Resolves when the events so far are as wanted. */
  until(wanted: (events: readonly Event[]) => boolean): Promise<void>;
}

/** Everything that is published on a diagnostics channel while the value is in scope. */
export function recorded<Event>(channel: { readonly name: string | symbol }): Recorded<Event> {
  const events: Event[] = [];
  let told = (): void => undefined;
  const record = (event: unknown): void => {
    events.push(event as Event);
    told();
  };
  subscribe(channel.name, record);
  return {
    events,
    async until(wanted) {
      while (!wanted(events)) await new Promise<void>((resolve) => (told = resolve));
    },
    [Symbol.dispose]: () => void unsubscribe(channel.name, record),
  };
}

/** A fault proxy in front of the broker of that URL. */
export function proxyTo(url: string): Promise<FaultProxy> {
  return startFaultProxy({ target: { port: Number(new URL(url).port || 5672) } });
}

/** The value that the promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { readonly code: string }> {
  return promise.then(
    () => {
      throw new Error("it did not reject");
    },
    (error: unknown) => error as Error & { readonly code: string },
  );
}
