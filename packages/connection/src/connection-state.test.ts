import { expect, test } from "vitest";
import { worstOf } from "./connection-state.ts";
import type { SocketState } from "./socket/socket-state.ts";

const model = {} as never;
const open: SocketState = { kind: "open", model, epoch: 1 };
const blocked: SocketState = { kind: "blocked", model, epoch: 1, reason: "low on memory" };
const lost: SocketState = { kind: "reconnecting", attempt: 2, error: "why" };

test("the state is the worse one of the two sockets", () => {
  expect(worstOf([open, blocked])).toEqual({ kind: "blocked", reason: "low on memory" });
  expect(worstOf([blocked, lost])).toEqual({ kind: "reconnecting", attempt: 2, error: "why" });
  expect(worstOf([lost, { kind: "connecting", attempt: 1 }]).kind).toBe("connecting");
  expect(worstOf([{ kind: "closed" }, { kind: "closing" }]).kind).toBe("closing");
});

test("a second socket that is just being opened does not make an open connection worse", () => {
  expect(worstOf([open, { kind: "connecting", attempt: 0 }])).toEqual({ kind: "open" });
  expect(worstOf([{ kind: "connecting", attempt: 0 }])).toEqual({ kind: "connecting", attempt: 0 });
  expect(worstOf([]).kind).toBe("connecting");
});

test("nothing of the library's own stands in it", () => {
  expect(Object.keys(worstOf([open]))).toEqual(["kind"]);
});
