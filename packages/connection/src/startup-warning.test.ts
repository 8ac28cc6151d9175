import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { ConnectionError, diagnostics } from "@warren/message";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { SocketState } from "./socket/socket-state.ts";
import { warnAboutSlowStart } from "./startup-warning.ts";

const failing: SocketState = {
  kind: "connecting",
  attempt: 1,
  error: new ConnectionError("CONNECTION_REFUSED", "nothing listens there"),
};

class FakeSocket {
  state: SocketState = { kind: "connecting", attempt: 0 };
  readonly #listeners = new Set<(to: SocketState) => void>();

  onState(listener: (to: SocketState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  become(state: SocketState): void {
    this.state = state;
    for (const listener of this.#listeners) listener(state);
  }
}

const warned = vi.spyOn(process, "emitWarning").mockReturnValue();

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  warned.mockClear();
});
afterEach(() => {
  vi.useRealTimers();
});

function starting(): { readonly socket: FakeSocket; readonly warning: Disposable } {
  const socket = new FakeSocket();
  const warning = warnAboutSlowStart({ where: "amqp://localhost:5999", startupTimeoutMs: 30_000, socket });
  return { socket, warning };
}

test("a start that fails for two seconds is told once, with the reason and how long it goes on", () => {
  const { socket } = starting();
  socket.become(failing);
  vi.advanceTimersByTime(1_999);
  expect(warned).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  socket.become(failing);
  vi.advanceTimersByTime(20_000);
  expect(warned.mock.calls).toEqual([
    [
      "cannot connect to amqp://localhost:5999 yet, trying for 28 s more (startupTimeoutMs): nothing listens there",
      { type: "WarrenWarning", code: "WARREN_CONNECT" },
    ],
  ]);
});

test("an attempt that fails later than that is told when it does", () => {
  const { socket } = starting();
  vi.advanceTimersByTime(10_000);
  expect(warned).not.toHaveBeenCalled();
  socket.become(failing);
  expect(warned).toHaveBeenCalledOnce();
});

test("a start that has ended is not told", () => {
  const { socket, warning } = starting();
  socket.become(failing);
  warning[Symbol.dispose]();
  vi.advanceTimersByTime(30_000);
  socket.become(failing);
  expect(warned).not.toHaveBeenCalled();
});

test("it is not told to a process that hears of the attempts", () => {
  const hear = (): void => undefined;
  subscribe(diagnostics.connectFailed.name, hear);
  const { socket } = starting();
  socket.become(failing);
  vi.advanceTimersByTime(30_000);
  unsubscribe(diagnostics.connectFailed.name, hear);
  expect(warned).not.toHaveBeenCalled();
});
