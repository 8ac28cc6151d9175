import { describe, expect, test } from "vitest";
import { array, int64, longstr } from "../../codec/field-values.ts";
import { alternate, refused, routed, Subject, unroutable } from "../virtual-host.test-support.ts";

describe("publishing", () => {
  test("the default exchange leads to the queue of that name", () => {
    const vhost = new Subject();
    const queue = vhost.addQueue("q");
    expect(vhost.send("", "q")).toEqual(routed);
    expect(queue.readyCount).toBe(1);
    expect(vhost.send("", "other")).toEqual(unroutable);
  });

  test("a queue gets a message once, however many bindings lead to it", () => {
    const vhost = new Subject();
    const queue = vhost.addQueue("q");
    for (const key of ["#", "a.*", "a.b"]) vhost.bindQueue("q", "amq.topic", key);
    vhost.bindQueue("q", "amq.topic", "a.b", { one: int64(1) });
    expect(vhost.send("amq.topic", "a.b")).toEqual(routed);
    expect(queue.readyCount).toBe(1);
  });

  test("binding twice is binding once, other arguments make another binding", () => {
    const vhost = new Subject();
    const queue = vhost.addQueue("q");
    vhost.bindQueue("q", "amq.direct", "k");
    vhost.bindQueue("q", "amq.direct", "k");
    vhost.bindQueue("q", "amq.direct", "k", { a: int64(1), b: int64(2) });
    vhost.unbindQueue("q", "amq.direct", "k");
    expect(vhost.send("amq.direct", "k")).toEqual(routed);
    vhost.unbindQueue("q", "amq.direct", "k", { b: int64(2), a: { type: "int8", value: 1 } });
    expect(vhost.send("amq.direct", "k")).toEqual(routed);
    vhost.unbindQueue("q", "amq.direct", "k", { b: int64(2), a: int64(1) });
    expect(vhost.send("amq.direct", "k")).toEqual(unroutable);
    expect(queue.readyCount).toBe(2);
  });

  test("a headers exchange looks at the headers", () => {
    const vhost = new Subject();
    vhost.addQueue("q");
    vhost.bindQueue("q", "amq.headers", "", { "x-match": longstr("any"), a: int64(1), b: int64(2) });
    expect(vhost.send("amq.headers", "", { b: int64(2) })).toEqual(routed);
    expect(vhost.send("amq.match", "", { b: int64(2) })).toEqual(unroutable);
    expect(vhost.send("amq.headers", "")).toEqual(unroutable);
  });

  test("exchanges may be bound in a circle", () => {
    const vhost = new Subject();
    const queue = vhost.addQueue("q");
    vhost.addExchange("x", "fanout");
    vhost.addExchange("y", "fanout");
    vhost.bindExchange("x", "y");
    vhost.bindExchange("y", "x");
    vhost.bindExchange("x", "x");
    vhost.bindQueue("q", "x");
    vhost.bindQueue("q", "y");
    expect(vhost.send("x", "k")).toEqual(routed);
    expect(queue.readyCount).toBe(1);
    vhost.unbindExchange("y", "x");
    vhost.unbindQueue("q", "x");
    expect(vhost.send("x", "k")).toEqual(unroutable);
  });

  test("the alternate exchange gets what no binding lets pass", () => {
    const vhost = new Subject();
    const queue = vhost.addQueue("q");
    const rest = vhost.addQueue("rest");
    vhost.addExchange("others", "fanout", { internal: true });
    vhost.addExchange("x", "direct", alternate("others"));
    vhost.bindQueue("q", "x", "k");
    vhost.bindQueue("rest", "others");
    expect(vhost.send("x", "k")).toEqual(routed);
    expect(vhost.send("x", "unknown")).toEqual(routed);
    expect([queue.readyCount, rest.readyCount]).toEqual([1, 1]);
  });

  test("alternate exchanges in a circle lead nowhere, nor do missing ones and the default exchange", () => {
    const vhost = new Subject();
    vhost.addQueue("q");
    vhost.addExchange("x", "direct", alternate("y"));
    vhost.addExchange("y", "direct", alternate("x"));
    vhost.addExchange("own", "direct", alternate("own"));
    vhost.addExchange("lost", "direct", alternate("nowhere"));
    vhost.addExchange("default", "direct", alternate(""));
    for (const name of ["x", "y", "own", "lost", "default"]) {
      expect(vhost.send(name, "q")).toEqual(unroutable);
    }
  });

  test("an exchange that a binding leads to is enough to leave the alternate one out", () => {
    const vhost = new Subject();
    const rest = vhost.addQueue("rest");
    vhost.bindQueue("rest", "amq.fanout");
    vhost.addExchange("x", "fanout", alternate("amq.fanout"));
    vhost.addExchange("dead end", "fanout");
    vhost.bindExchange("dead end", "x");
    expect(vhost.send("x", "k")).toEqual(unroutable);
    expect(rest.readyCount).toBe(0);
  });

  test("CC and BCC keys count like the message's own, and BCC is not shown", () => {
    const vhost = new Subject();
    const [one, two, three] = ["one", "two", "three"].map((name) => vhost.addQueue(name));
    const CC = array(longstr("two"), longstr("two"), longstr("one"));
    const BCC = array(longstr("three"));
    expect(vhost.send("", "one", { CC, BCC })).toEqual(routed);
    const headers = [one, two, three].map((queue) => queue?.get(true)?.message.properties.headers);
    expect(headers.map((table) => [...(table?.keys() ?? [])])).toEqual([["CC"], ["CC"], ["CC"]]);
    expect([one, two, three].map((queue) => queue?.readyCount)).toEqual([0, 0, 0]);
    expect(vhost.send("", "nowhere", { CC: array(longstr("one")) })).toEqual(routed);
  });

  test("one key that fits is enough to leave the alternate exchange out", () => {
    const vhost = new Subject();
    vhost.addQueue("q");
    const rest = vhost.addQueue("rest");
    vhost.bindQueue("rest", "amq.fanout");
    vhost.addExchange("x", "direct", alternate("amq.fanout"));
    vhost.bindQueue("q", "x", "cc");
    expect(vhost.send("x", "k", { CC: array(longstr("cc")) })).toEqual(routed);
    expect(rest.readyCount).toBe(0);
  });

  test("one queue that refuses is told, although the others have it", () => {
    const vhost = new Subject();
    const full = { "x-max-length": int64(0), "x-overflow": longstr("reject-publish") };
    vhost.addQueue("full", full);
    const roomy = vhost.addQueue("roomy");
    for (const [exchange, queues] of Object.entries({ one: ["full", "roomy"], two: ["roomy", "full"] })) {
      vhost.addExchange(exchange, "fanout");
      for (const queue of queues) vhost.bindQueue(queue, exchange);
      expect(vhost.send(exchange, "k")).toEqual(refused);
    }
    expect(vhost.send("", "full")).toEqual(refused);
    expect(roomy.readyCount).toBe(2);
  });

  test("a missing exchange is told before a wrong CC header, an internal one refuses", () => {
    const vhost = new Subject();
    vhost.addExchange("internal", "fanout", { internal: true });
    expect(() => vhost.send("nope", "k", { CC: longstr("k") })).toThrow(
      "NOT_FOUND - no exchange 'nope' in vhost '/'",
    );
    expect(() => vhost.send("internal", "k")).toThrow(
      "ACCESS_REFUSED - cannot publish to internal exchange 'internal' in vhost '/'",
    );
    expect(() => vhost.send("amq.rabbitmq.trace", "k")).toThrow("cannot publish to internal exchange");
    expect(() => vhost.send("", "k", { CC: longstr("k") })).toThrow("unacceptable_type_in_header");
  });
});
