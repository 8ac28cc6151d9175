import { describe, expect, it } from "vitest";
import {
  parseAccessRefusal,
  parseInequivalence,
  parseInvalidArgument,
  saysUndecided,
} from "./broker-reply.ts";

describe("parseInequivalence", () => {
  it("reads both values, one, or none", () => {
    const text = (received: string, current: string): string =>
      `PRECONDITION_FAILED - inequivalent arg 'x-message-ttl' for queue 'q' in vhost '/': received ${received} but current is ${current}`;
    expect(parseInequivalence(text("'5'", "'6'"))).toEqual({
      argument: "x-message-ttl",
      actual: { kind: "value", text: "6", type: undefined },
    });
    expect(parseInequivalence(text("none", "the value '6' of type 'short'"))).toEqual({
      argument: "x-message-ttl",
      actual: { kind: "value", text: "6", type: "short" },
    });
    expect(parseInequivalence(text("the value '5' of type 'byte'", "none"))).toEqual({
      argument: "x-message-ttl",
      actual: { kind: "none" },
    });
  });

  it("is not misled by a name that looks like the rest of the text", () => {
    const reply = parseInequivalence(
      "PRECONDITION_FAILED - inequivalent arg 'x-overflow' for queue 'a': received 'x' but current is 'y' in vhost '/': received 'drop-head' but current is 'reject-publish'",
    );
    expect(reply?.actual).toMatchObject({ text: "reject-publish" });
  });

  it("sees that the broker cut its text at 255 bytes", () => {
    const reply = `PRECONDITION_FAILED - inequivalent arg 'x-dead-letter-routing-key' for queue '${"q".repeat(170)}...`;
    expect(parseInequivalence(reply)).toEqual({
      argument: "x-dead-letter-routing-key",
      actual: { kind: "cut" },
    });
    const later = `PRECONDITION_FAILED - inequivalent arg 'x-overflow' for queue 'q' in vhost '/': received 'a' but current is 'rej...`;
    expect(parseInequivalence(later)?.actual).toEqual({ kind: "cut" });
  });

  it("leaves other refusals alone", () => {
    expect(parseInequivalence("NOT_FOUND - no queue 'q' in vhost '/'")).toBeUndefined();
  });
});

describe("parseInvalidArgument", () => {
  it.for([
    [
      "PRECONDITION_FAILED - invalid arg 'x-max-priority' for queue 'q' in vhost '/' of queue type rabbit_quorum_queue",
      "x-max-priority",
    ],
    [
      "PRECONDITION_FAILED - invalid property 'exclusive-owner' for queue 'q' in vhost '/'",
      "exclusive-owner",
    ],
    [
      "PRECONDITION_FAILED - invalid type 'byte' for arg 'alternate-exchange' in exchange 'e' in vhost '/'",
      "alternate-exchange",
    ],
    [
      "PRECONDITION_FAILED - invalid arg 'x-queue-type' for queue 'q' in vhost '/': \"unsupported queue type 'x'\"",
      "x-queue-type",
    ],
    ["PRECONDITION_FAILED - something else", undefined],
  ] as const)("%s", ([text, argument]) => {
    expect(parseInvalidArgument(text)).toBe(argument);
  });
});

describe("parseAccessRefusal", () => {
  it("reads the text of 3.x, which does not name the permission", () => {
    expect(
      parseAccessRefusal("ACCESS_REFUSED - access to queue 'q' in vhost '/' refused for user 'u'"),
    ).toEqual({
      permission: undefined,
      resource: "queue",
      name: "q",
      vhost: "/",
      user: "u",
    });
  });

  it("reads the text of 4.x, which does", () => {
    expect(
      parseAccessRefusal(
        "ACCESS_REFUSED - write access to exchange 'amq.default' in vhost 'v' refused for user 'u'",
      ),
    ).toEqual({ permission: "write", resource: "exchange", name: "amq.default", vhost: "v", user: "u" });
  });
});

describe("saysUndecided", () => {
  const ended = `, backend rabbit_auth_backend_oauth2 returned an error: "Provided JWT token has expired at timestamp 1795326559 (validated at 1795326559)"`;

  it.each(["access", "read access"])(
    "tells a token that has ended from a missing permission: %s",
    (access) => {
      const refused = `ACCESS_REFUSED - ${access} to queue 'q' in vhost '/' refused for user 'u'`;
      expect(saysUndecided(refused + ended)).toBe(true);
      expect(saysUndecided(refused)).toBe(false);
    },
  );
});
