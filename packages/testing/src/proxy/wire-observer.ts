import type { Direction } from "./pipe-faults.ts";
import type { ProxiedConnection } from "./proxied-connection.ts";

/** Called with the bytes of each write, in either direction, after they were handed to the receiving socket. */
export type WireObserver = (bytes: Buffer, direction: Direction, connection: ProxiedConnection) => void;
