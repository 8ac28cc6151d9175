import { getEventListeners } from "node:events";
import type { ConfirmChannelOptions, Connection, PublishControl, WireDelivery } from "@warren/connection";
import { type Confirmation, defineMessage, type Publishing } from "@warren/message";
import { expect, test } from "vitest";
import { z } from "zod";
import { Publisher } from "./publisher.ts";

/** Its channel confirms and answers at once, before `answered` is called. */
function connectionThatAnswers(answered: () => void = () => undefined): Connection {
  let deliver: (delivery: WireDelivery) => void = () => undefined;
  const wire = {
    consume: (_queue: string, _options: unknown, delivered: typeof deliver) => {
      deliver = delivered;
    },
  };
  const send = (
    { correlationId }: Publishing,
    _control: PublishControl,
    settled: (confirmation: Confirmation) => void,
  ): void => {
    settled({ status: "confirmed", messageId: "", latencyMs: 1, attempts: 1 });
    const properties = { correlationId, contentType: "application/json", headers: {} };
    deliver({ content: Buffer.from("{}"), properties } as unknown as WireDelivery);
    answered();
  };
  const confirm = (options: ConfirmChannelOptions): unknown => {
    void options.setup?.(wire as never);
    return { send };
  };
  return { channels: { confirm }, state: { kind: "open" } } as unknown as Connection;
}

const asked = { type: "ask", exchange: "", routingKey: "asked" } as const;
const Ask = defineMessage({ ...asked, schema: z.object({}) });
const Endless = defineMessage({
  ...asked,
  schema: {
    "~standard": { version: 1, vendor: "test", validate: () => new Promise<never>(() => undefined) },
  },
});

test("a signal that aborts between the answer and its reading ends the request", async () => {
  const abort = new AbortController();
  const publisher = new Publisher(connectionThatAnswers(() => abort.abort()));
  const { signal } = abort;
  await expect(publisher.request(Ask, {}, { reply: Endless, signal, timeoutMs: 100 })).rejects.toMatchObject({
    code: "REQUEST_ABORTED",
  });
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("a signal that was aborted before the call is left as it was", async () => {
  const publisher = new Publisher(connectionThatAnswers());
  const signal = AbortSignal.abort();
  await expect(publisher.request(Ask, {}, { signal })).rejects.toMatchObject({ code: "REQUEST_ABORTED" });
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("requests whose schema does not end have an end to their number and their bytes, as publishes have", async () => {
  const abort = new AbortController();
  const { signal } = abort;
  const text = "a".repeat(60);
  const endless = defineMessage({
    ...asked,
    schema: z.object({ text: z.string() }).refine(() => new Promise<never>(() => undefined)),
  });
  const full = { code: "PUBLISH_BUFFER_FULL", outcome: { status: "refused", stored: "no" } };
  const publisher = new Publisher(connectionThatAnswers(), { maxInFlight: 2, maxBufferBytes: 100 });
  const kept = [publisher.request(endless, { text }, { signal })];
  await expect(publisher.request(endless, { text })).rejects.toMatchObject(full);
  kept.push(publisher.request(endless, { text: "" }, { signal }));
  await expect(publisher.request(endless, { text: "" })).rejects.toMatchObject(full);
  abort.abort();
  for (const each of kept) await expect(each).rejects.toMatchObject({ code: "REQUEST_ABORTED" });
  await expect(publisher.request(endless, { text }, { timeoutMs: 1 })).rejects.toMatchObject({
    code: "REQUEST_TIMEOUT",
  });
});

test("a request gives its place back as soon as its schema has ended", async () => {
  const publisher = new Publisher(connectionThatAnswers(), { maxInFlight: 1 });
  const slow = defineMessage({ ...asked, schema: z.object({}).refine(() => Promise.resolve(true)) });
  const answers = [publisher.request(slow, {})];
  await expect(publisher.request(slow, {})).rejects.toMatchObject({ code: "PUBLISH_BUFFER_FULL" });
  answers.push(answers[0]!.then(() => publisher.request(slow, {})));
  await expect(Promise.all(answers)).resolves.toEqual([{}, {}]);
});
