import { expect, test } from "vitest";
import { Destinations } from "./destinations.ts";

test("a destination stands once until its last binding goes", () => {
  const destinations = new Destinations<string>();
  destinations.add("q");
  destinations.add("r");
  destinations.add("q");
  expect(destinations.list).toEqual(["q", "r"]);
  destinations.remove("q");
  expect(destinations.list).toEqual(["q", "r"]);
  destinations.remove("q");
  expect(destinations.list).toEqual(["r"]);
  destinations.remove("unknown");
  expect(destinations.list).toEqual(["r"]);
});

test("a list that was handed out stays as it was", () => {
  const destinations = new Destinations<string>();
  destinations.add("q");
  const before = destinations.list;
  destinations.add("r");
  destinations.remove("q");
  expect(before).toEqual(["q"]);
});
