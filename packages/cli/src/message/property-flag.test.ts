import { describe, expect, test } from "vitest";
import { parsePropertyFlag } from "./property-flag.ts";

describe("parsePropertyFlag", () => {
  test.each([
    ["contentType=application/json", { contentType: "application/json" }],
    ["content-type=text/plain", { contentType: "text/plain" }],
    ["deliveryMode=1", { persistent: false }],
    ["priority=9", { priority: 9 }],
    ["expiration=60000", { expirationMs: 60_000 }],
    ["expiration=1m", { expirationMs: 60_000 }],
    ["messageId=007", { messageId: "007" }],
    ["timestamp=1769860800", { timestamp: new Date("2026-01-31T12:00:00Z") }],
    ["replyTo=a=b", { replyTo: "a=b" }],
  ])("%s", (written, property) => {
    expect(parsePropertyFlag(written)).toEqual({ property });
  });

  test.each([
    ["priority", '"priority" has no "=": write name=value'],
    ["priority=256", 'priority: "256" is no whole number from 0 to 255'],
    ["deliveryMode=0", 'deliveryMode: "0" is neither 1 (transient) nor 2 (persistent)'],
    ["expiration=soon", 'expiration: "soon" is neither milliseconds nor a time such as 10s'],
    ["mesageId=1", expect.stringMatching(/^"mesageId" is no property .* Did you mean "messageId"\?$/)],
    ["toString=1", expect.stringContaining('"toString" is no property')],
    [`appId=${"é".repeat(128)}`, expect.stringMatching(/^appId: "é+" has more than 255 bytes$/)],
  ])("%s is refused", (written, complaint) => {
    expect(parsePropertyFlag(written)).toMatchObject({ complaint });
  });
});
