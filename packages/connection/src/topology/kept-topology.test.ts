import { BrokerError, ConnectionError } from "@warren/message";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { resolveConnectOptions } from "../connect-options.ts";
import type { SocketState } from "../socket/socket-state.ts";
import type { DeclaringChannel, DeclaringPort } from "./declaring-channel.ts";
import { defineTopology } from "./define-topology.ts";
import { KeptTopology } from "./kept-topology.ts";

const topology = defineTopology({ exchanges: { orders: { type: "fanout" } } });
const options = resolveConnectOptions("amqp://localhost", {
  reconnect: { baseMs: 10, maxMs: 10 },
  random: () => 1,
});
const forever = new AbortController().signal;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A socket whose state is told, and a broker that answers each errand as `answer` says. */
function scene() {
  let epoch = 1;
  let state = { kind: "open", epoch } as SocketState;
  const listeners = new Set<(to: SocketState) => void>();
  const users = new Set<unknown>();
  const errands: string[] = [];
  const script = { answer: (): Promise<void> => Promise.resolve() };
  const port: DeclaringPort = {
    async withChannel(use) {
      errands.push("channel");
      await script.answer();
      return use({
        declareExchange: async (exchange) => void errands.push(exchange),
      } as Partial<DeclaringChannel> as DeclaringChannel);
    },
  };
  const become = (to: SocketState): void => {
    state = to;
    for (const listener of listeners) listener(to);
  };
  const kept = new KeptTopology(
    {
      get state() {
        return state;
      },
      tokenHasEnded: false,
      onState: (listener) => {
        listeners.add(listener as (to: SocketState) => void);
        return () => void listeners.delete(listener as (to: SocketState) => void);
      },
      join: (user) => {
        users.add(user);
        return () => void users.delete(user);
      },
    },
    options,
    port,
    topology,
  );
  return {
    kept,
    errands,
    script,
    users,
    listeners,
    lost: () => become({ kind: "reconnecting", attempt: 1 }),
    open: () => become({ kind: "open", epoch: ++epoch } as SocketState),
    closed: () => become({ kind: "closing" }),
  };
}

/** Whether the promise has settled by now, with everything that is due at once behind it. */
async function isDone(promise: Promise<void>): Promise<boolean> {
  let done = false;
  void promise.then(() => (done = true));
  await vi.advanceTimersByTimeAsync(0);
  return done;
}

test("a session that answers is taken for the one on which all was declared", async () => {
  const { kept, errands } = scene();
  await kept.stands(forever);
  expect(errands).toEqual(["channel"]);
});

test("one that does not answer is not: everything is declared again", async () => {
  const { kept, errands, script } = scene();
  script.answer = () => Promise.reject(new ConnectionError("RPC_TIMEOUT", "no answer"));
  const stands = kept.stands(forever);
  expect(await isDone(stands)).toBe(false);
  expect(kept.failure).toMatchObject({ code: "RPC_TIMEOUT" });
  script.answer = () => Promise.resolve();
  await vi.advanceTimersByTimeAsync(10);
  expect(await isDone(stands)).toBe(true);
  expect(errands).toEqual(["channel", "channel", "orders"]);
  expect(kept.failure).toBeUndefined();
});

test("an answer of the session before counts for nothing", async () => {
  const { kept, script, lost, open } = scene();
  let answerOld = (): void => undefined;
  script.answer = () => new Promise((resolve) => (answerOld = resolve));
  const stands = kept.stands(forever);
  lost();
  let answerNew = (): void => undefined;
  script.answer = () => new Promise((resolve) => (answerNew = resolve));
  open();
  answerOld();
  expect(await isDone(stands)).toBe(false);
  answerNew();
  expect(await isDone(stands)).toBe(true);
});

test.each([403, 406])("%i is asked once a session", async (replyCode) => {
  const { kept, errands, script, lost, open } = scene();
  lost();
  script.answer = () => Promise.reject(refusal(replyCode));
  open();
  await kept.stands(forever);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(kept.failure).toMatchObject({ replyCode });
  expect(errands).toHaveLength(1);
  script.answer = () => Promise.resolve();
  lost();
  open();
  await kept.stands(forever);
  expect(kept.failure).toBeUndefined();
});

test.each([404, 405, 541])("%i is asked again until it is mended", async (replyCode) => {
  const { kept, errands, script, lost, open } = scene();
  lost();
  script.answer = () => Promise.reject(refusal(replyCode));
  open();
  const stands = kept.stands(forever);
  await vi.advanceTimersByTimeAsync(100);
  expect(await isDone(stands)).toBe(false);
  expect(errands.length).toBeGreaterThan(5);
  script.answer = () => Promise.resolve();
  await vi.advanceTimersByTimeAsync(10);
  expect(await isDone(stands)).toBe(true);
});

test("waiting ends after startupTimeoutMs, with the signal and with the connection, and leaves no timer", async () => {
  const { kept, lost, script, open, closed, users, listeners } = scene();
  lost();
  const timed = kept.stands(forever);
  await vi.advanceTimersByTimeAsync(options.startupTimeoutMs - 1);
  expect(await isDone(timed)).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await isDone(timed)).toBe(true);
  const abort = new AbortController();
  const aborted = kept.stands(abort.signal);
  abort.abort();
  await aborted;
  expect(vi.getTimerCount()).toBe(0);
  script.answer = () => Promise.reject(refusal(404));
  open();
  const ended = kept.stands(forever);
  await vi.advanceTimersByTimeAsync(0);
  closed();
  await ended;
  expect(vi.getTimerCount()).toBe(0);
  expect(users.size + listeners.size).toBe(0);
});

function refusal(replyCode: number): BrokerError {
  return new BrokerError("BROKER_REFUSED", "no", { replyCode, replyText: "no", scope: "channel" });
}
