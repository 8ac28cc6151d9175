import { expect, test } from "vitest";
import { toWarrenError } from "./broker-refusal.ts";

function closedByServer(code: number, name: string, text: string, classId: number, methodId: number): Error {
  const message = `Channel closed by server: ${code} (${name}) with message "${text}"`;
  return Object.assign(new Error(message), { code, classId, methodId });
}

test.each(["NOT_FOUND - no queue 'jobs' in vhost '/'", "NOT_FOUND - no exchange 'jobs' in vhost '/'"])(
  "%s says what to do, and keeps the broker's own words",
  (text) => {
    const error = toWarrenError(closedByServer(404, "NOT-FOUND", text, 60, 20));
    expect(error.sentence).toBe(`${text}: declare it in the topology, or check the name and the vhost`);
    expect(error).toMatchObject({ code: "BROKER_NOT_FOUND", replyText: text, method: "basic.consume" });
  },
);

test("a refused right to read says which permission is missing", () => {
  const text = "ACCESS_REFUSED - access to queue 'jobs' in vhost '/' refused for user 'app'";
  const error = toWarrenError(closedByServer(403, "ACCESS-REFUSED", text, 60, 20));
  expect(error.sentence).toContain('user "app" needs read permission on queue "jobs"');
});

test("what is no answer of the broker is a lost channel", () => {
  expect(toWarrenError(new Error("Channel ended")).code).toBe("CHANNEL_LOST");
});
