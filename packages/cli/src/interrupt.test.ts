import { expect, test, vi } from "vitest";
import { interruptOf } from "./interrupt.ts";

function process() {
  const kills: number[] = [];
  const told: string[] = [];
  let send: (signal: "SIGINT" | "SIGTERM") => void = () => undefined;
  const onSignal = (received: typeof send) => {
    send = received;
    return () => (send = () => undefined);
  };
  const io = { onSignal, kill: (exitCode: number) => void kills.push(exitCode) };
  return {
    io,
    log: { warn: (text: string) => void told.push(text) },
    send: (name: "SIGINT" | "SIGTERM") => send(name),
    kills,
    told,
  };
}

test("the first signal asks to finish, the second ends the process with its own code", () => {
  const { io, log, send, kills } = process();
  using interrupt = interruptOf(io, log);
  send("SIGTERM");
  expect({ aborted: interrupt.signal.aborted, kills }).toEqual({ aborted: true, kills: [] });
  send("SIGINT");
  send("SIGTERM");
  expect(kills).toEqual([130, 143]);
});

test("a command that is slow to finish says so, one that has finished does not", () => {
  vi.useFakeTimers();
  const { io, log, send, told } = process();
  const interrupt = interruptOf(io, log);
  send("SIGINT");
  vi.advanceTimersByTime(1_000);
  expect(told).toHaveLength(1);
  interrupt[Symbol.dispose]();
  const quick = interruptOf(io, log);
  send("SIGINT");
  quick[Symbol.dispose]();
  vi.advanceTimersByTime(10_000);
  expect(told).toHaveLength(1);
  vi.useRealTimers();
});
