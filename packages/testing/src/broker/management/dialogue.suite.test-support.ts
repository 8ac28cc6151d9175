import { expect, test } from "vitest";
import { asking } from "./api-client.test-support.ts";
import { dialogue } from "./dialogue.test-support.ts";

/** The whole dialogue, each step as a test of its own, in their order. */
export function dialogueTests(apiUrl: () => string): void {
  for (const [request, body, status, answer] of dialogue) {
    const [method = "", path = ""] = request.split(" ");
    const shown =
      body === undefined ? "" : ` with ${typeof body === "string" ? `"${body}"` : JSON.stringify(body)}`;
    test(`${request}${shown} is answered with ${status}`, async () => {
      const answered = await asking(apiUrl())(method, path, body);
      expect(answered.status).toBe(status);
      const found = status === 201 ? Object.fromEntries(answered.headers) : answered.body;
      if (answer === undefined) expect(answered.body).toBeUndefined();
      else expect(found).toMatchObject(answer as object);
    });
  }
}
