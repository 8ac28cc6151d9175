import { describe, expect, test } from "vitest";
import { longstr } from "../../codec/field-values.ts";
import { another, bindingOf, owner, Subject, unroutable } from "../virtual-host.test-support.ts";

describe("bindings", () => {
  test("the source is looked for first, then the destination", () => {
    const vhost = new Subject();
    vhost.addExchange("x", "direct");
    expect(() => vhost.bindQueue("no queue", "no exchange")).toThrow(
      "no exchange 'no exchange' in vhost '/'",
    );
    expect(() => vhost.bindQueue("no queue", "x")).toThrow("NOT_FOUND - no queue 'no queue' in vhost '/'");
    expect(() => vhost.bindExchange("no exchange", "x")).toThrow("no exchange 'no exchange' in vhost '/'");
  });

  test("nothing can be bound to or from the default exchange", () => {
    const vhost = new Subject();
    vhost.addQueue("q");
    const refusal = "ACCESS_REFUSED - operation not permitted on the default exchange";
    expect(() => vhost.bindQueue("q", "")).toThrow(refusal);
    expect(() => vhost.unbindQueue("q", "", "q")).toThrow(refusal);
    expect(() => vhost.bindExchange("", "amq.direct")).toThrow(refusal);
  });

  test("a wrong x-match is told to the headers exchange alone, and before whose queue it is", () => {
    const vhost = new Subject();
    vhost.declareQueue({ ...vhost.addQueue("q").declaration, name: "theirs", exclusive: true }, another);
    const wrong = { "x-match": longstr("some") };
    expect(() => vhost.bindQueue("theirs", "amq.headers", "", wrong)).toThrow("Invalid x-match field value");
    expect(() => vhost.bindQueue("q", "amq.direct", "", wrong)).not.toThrow();
    expect(() => vhost.bindQueue("theirs", "amq.direct")).toThrow("RESOURCE_LOCKED");
  });

  test("line breaks in the names of both ends do not count", () => {
    const vhost = new Subject();
    vhost.addQueue("q");
    vhost.bindQueue("q\n", "amq\r.direct", "k\n");
    expect([...vhost.bindings]).toEqual([bindingOf("queue", "q", "amq.direct", "k\n")]);
    vhost.unbindQueue("\nq", "amq.\ndirect", "k\n");
    expect([...vhost.bindings]).toEqual([]);
  });

  test("unbinding what is not bound is no error, whatever is missing", () => {
    const vhost = new Subject();
    vhost.addQueue("q");
    expect(() => {
      vhost.unbindQueue("q", "amq.direct", "k");
      vhost.unbindQueue("no queue", "no exchange", "k");
      vhost.unbindExchange("no exchange", "amq.direct", "k");
    }).not.toThrow();
  });

  test("another's exclusive queue cannot be unbound", () => {
    const vhost = new Subject();
    vhost.addQueue("mine", {}, { exclusive: true });
    vhost.bindQueue("mine", "amq.direct", "k");
    expect(() => vhost.unbind(bindingOf("queue", "mine", "amq.direct", "k"), another)).toThrow(
      "RESOURCE_LOCKED",
    );
  });

  test("they go with either of their ends", () => {
    const vhost = new Subject();
    vhost.addQueue("q");
    vhost.addExchange("x", "fanout");
    vhost.addExchange("y", "fanout");
    vhost.bindQueue("q", "x");
    vhost.bindExchange("x", "y");
    vhost.bindExchange("x", "x");
    expect([...vhost.bindings]).toHaveLength(3);
    vhost.deleteExchange("x", { ifUnused: false });
    expect([...vhost.bindings]).toEqual([]);
    vhost.bindQueue("q", "y");
    vhost.deleteQueue("q", owner, { ifUnused: false, ifEmpty: false });
    expect([...vhost.bindings]).toEqual([]);
    vhost.addQueue("q");
    expect(vhost.send("y", "k")).toEqual(unroutable);
  });
});
