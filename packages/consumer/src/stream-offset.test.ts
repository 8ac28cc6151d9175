import { describe, expect, it } from "vitest";
import { StreamPosition, streamOffsetArgument } from "./stream-offset.ts";

describe("StreamPosition", () => {
  it("is where it began until something came, then behind what came", () => {
    const position = new StreamPosition("first");
    expect(position.offset).toBe("first");
    for (const offset of [5, 6, 7]) position.arrived(offset);
    expect(position.offset).toBe(8);
  });

  it("goes back to the oldest message that was held when the channel was lost", () => {
    const position = new StreamPosition("next");
    for (const offset of [5, 6, 7]) position.arrived(offset);
    position.lost([7, 6]);
    expect(position.offset).toBe(6);
    position.arrived(6);
    expect(position.offset).toBe(7);
  });
});

describe("streamOffsetArgument", () => {
  it("sends a position as a 64-bit number and a time in seconds", () => {
    expect(streamOffsetArgument("last")).toBe("last");
    expect(streamOffsetArgument(3)).toEqual({ "!": "int64", value: 3 });
    expect(streamOffsetArgument(new Date(1_700_000_000_900))).toEqual({
      "!": "timestamp",
      value: 1_700_000_000,
    });
  });
});
