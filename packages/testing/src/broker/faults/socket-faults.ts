import type { ConnectionControl, Interference } from "../wire/interference.ts";
import { aNumberFrom, aText, checkOptions } from "./check-options.ts";
import { fitsConnection } from "./choices.ts";
import { FaultRules } from "./fault-rules.ts";
import type { Faults } from "./faults.ts";
import { frequencyChecks } from "./frequency.ts";

type Cut = (bytes: Buffer) => readonly Buffer[];

/** What may happen to sockets and logins, and to what is written. */
export class SocketFaults implements Pick<
  Faults,
  "splitFrames" | "refuseLogins" | "refuseConnections" | "clear"
> {
  readonly #writes: FaultRules<ConnectionControl, Cut>;
  readonly #logins: FaultRules<string, "refuse">;
  readonly #sockets: FaultRules<undefined, "reset">;

  constructor(interference: Interference) {
    this.#writes = new FaultRules((inUse) => {
      interference.writing = inUse
        ? (connection, bytes) => this.#writes.effectOn(connection)?.(bytes)
        : undefined;
    });
    this.#logins = new FaultRules((inUse) => {
      interference.loggingIn = inUse ? (user) => this.#logins.effectOn(user) ?? "accept" : undefined;
    });
    this.#sockets = new FaultRules((inUse) => {
      interference.accepting = inUse ? () => this.#sockets.effectOn(undefined) ?? "accept" : undefined;
    });
  }

  splitFrames: Faults["splitFrames"] = (options = {}) => {
    const name = "splitFrames";
    const { pieceBytes, atByte, vhost, user, ...frequency } = options;
    checkOptions(name, options, {
      ...frequencyChecks,
      pieceBytes: aNumberFrom(1),
      atByte: aNumberFrom(1),
      vhost: aText,
      user: aText,
    });
    if (pieceBytes !== undefined && atByte !== undefined)
      throw new RangeError("faults.splitFrames: pieceBytes and atByte exclude each other");
    const choice = {
      ...(vhost === undefined ? {} : { vhost }),
      ...(user === undefined ? {} : { user }),
    };
    const fits = (connection: ConnectionControl): boolean => fitsConnection(choice, connection);
    const effect: Cut = atByte === undefined ? intoPieces(pieceBytes ?? 1) : inTwo(atByte);
    return this.#writes.add({ name, frequency, fits, effect });
  };

  refuseLogins: Faults["refuseLogins"] = (options = {}) => {
    const name = "refuseLogins";
    const { user, ...frequency } = options;
    checkOptions(name, options, { ...frequencyChecks, user: aText });
    const fits = (who: string): boolean => user === undefined || user === who;
    return this.#logins.add({ name, frequency, fits, effect: "refuse" });
  };

  refuseConnections: Faults["refuseConnections"] = (frequency = {}) => {
    const name = "refuseConnections";
    checkOptions(name, frequency, frequencyChecks);
    return this.#sockets.add({ name, frequency, fits: () => true, effect: "reset" });
  };

  clear(): void {
    this.#writes.clear();
    this.#logins.clear();
    this.#sockets.clear();
  }
}

function intoPieces(pieceBytes: number): Cut {
  return (bytes) =>
    Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, index) =>
      bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes),
    );
}

function inTwo(atByte: number): Cut {
  return (bytes) => (atByte < bytes.length ? [bytes.subarray(0, atByte), bytes.subarray(atByte)] : [bytes]);
}
