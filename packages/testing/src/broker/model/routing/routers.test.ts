import { describe, expect, test } from "vitest";
import { DefaultRouter } from "./default-router.ts";
import { DirectRouter } from "./direct-router.ts";
import { FanoutRouter } from "./fanout-router.ts";
import { TopicRouter } from "./topic-router.ts";

const rule = (routingKey: string) => ({ routingKey, arguments: new Map() });

describe("DirectRouter", () => {
  test("leads to those that are bound with the very key", () => {
    const router = new DirectRouter<string>();
    router.add(rule("k"), "q");
    router.add(rule("k"), "r");
    router.add(rule("other"), "s");
    expect(router.route("k")).toEqual(["q", "r"]);
    expect(router.route("K")).toEqual([]);
    router.remove(rule("k"), "q");
    router.remove(rule("nowhere"), "q");
    expect(router.route("k")).toEqual(["r"]);
  });
});

describe("FanoutRouter", () => {
  test("leads to everyone once", () => {
    const router = new FanoutRouter<string>();
    router.add(rule("a"), "q");
    router.add(rule("b"), "q");
    router.add(rule("a"), "r");
    expect(router.route()).toEqual(["q", "r"]);
    router.remove(rule("a"), "q");
    expect(router.route()).toEqual(["q", "r"]);
    router.remove(rule("b"), "q");
    expect(router.route()).toEqual(["r"]);
  });
});

describe("TopicRouter", () => {
  test("leads to everyone once, however many patterns fit", () => {
    const router = new TopicRouter<string>();
    for (const key of ["a.b", "a.*", "#", "a.#"]) router.add(rule(key), "q");
    router.add(rule("*.b"), "r");
    expect(router.route("a.b")).toEqual(["q", "r"]);
    expect(router.route("c")).toEqual(["q"]);
  });

  test("forgets what it remembers of a key when a binding comes or goes", () => {
    const router = new TopicRouter<string>();
    router.add(rule("a.*"), "q");
    expect(router.route("a.b")).toEqual(["q"]);
    router.add(rule("a.b"), "r");
    expect(router.route("a.b")).toEqual(["r", "q"]);
    router.remove(rule("a.b"), "r");
    expect(router.route("a.b")).toEqual(["q"]);
    router.remove(rule("a.*"), "q");
    expect(router.route("a.b")).toEqual([]);
  });

  test("goes on where more keys come than it remembers", () => {
    const router = new TopicRouter<string>();
    router.add(rule("a.*"), "q");
    for (let index = 0; index < 2_500; index++) expect(router.route(`a.${index}`)).toEqual(["q"]);
    expect(router.route("a.0")).toEqual(["q"]);
  });
});

describe("DefaultRouter", () => {
  test("leads to the queue of that name, and nothing can be bound", () => {
    const router = new DefaultRouter(new Map([["q", "the queue"]]));
    expect(router.route("q")).toEqual(["the queue"]);
    expect(router.route("other")).toEqual([]);
    expect(() => router.add()).toThrow("Nothing is ever bound");
    expect(() => router.remove()).toThrow("Nothing is ever unbound");
  });
});
