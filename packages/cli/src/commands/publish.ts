import { createPublisher, type PublisherOptions } from "@warren/publisher";
import { type Command, type CommandContext, defineCommand } from "../command.ts";
import type { ExitCode } from "../exit-code.ts";
import { Failure } from "../failure.ts";
import type { Source } from "../input/open-source.ts";
import { messageProperties } from "../message/message-properties.ts";
import { ByteOutput, OutputClosed } from "../output/byte-output.ts";
import { chooseSources } from "../publish/choose-sources.ts";
import { FailedFile } from "../publish/failed-file.ts";
import { giveUpAfter } from "../publish/give-up.ts";
import { LeftOut } from "../publish/left-out.ts";
import { OutcomeReport } from "../publish/outcome-report.ts";
import { pace } from "../publish/pace.ts";
import { publishAll } from "../publish/publish-all.ts";
import { noTarget, targetOf } from "../publish/publish-target.ts";
import { type Outgoing, type ReadOptions, readMessages } from "../publish/read-messages.ts";
import { choice, count, duration, list, rate, text, toggle } from "../settings/flag.ts";

/** Bytes of bodies that wait for their confirms, at most: half of what the publisher would hold. */
const maxInFlightBytes = 32 * 1024 * 1024;

/** As large as AMQP clients go: what is too large for this broker, it says itself (128 MiB by default, 16 in RabbitMQ 4). */
const maxBodyBytes = 512 * 1024 * 1024;

/** How long a message may wait for a broker that is blocked by an alarm. */
const blockedLimitMs = 120_000;
const longestMs = 2 ** 31 - 1;

const target = "Target:";
const input = "Input:";
const message = "Message:";
const reliability = "Reliability:";

const flags = {
  exchange: text("Exchange to publish to", { alias: "e", group: target, placeholder: "NAME" }),
  "routing-key": text("Routing key", { alias: "k", group: target, placeholder: "KEY" }),
  queue: text("Queue to publish to, through the default exchange", {
    alias: "Q",
    group: target,
    placeholder: "NAME",
  }),
  file: list("File to publish, instead of stdin; may be repeated", {
    alias: "f",
    group: input,
    placeholder: "FILE",
  }),
  lines: toggle("Each line is a message, without its line feed", { alias: "l", group: input }),
  null: toggle("A NUL byte ends each message", { alias: "0", group: input }),
  input: choice(
    "raw: bytes; envelope: each line is a message with everything, as consume -o ndjson writes it",
    ["raw", "envelope"],
    {
      group: input,
      default: "raw",
    },
  ),
  header: list("Header; types: string, int, float, bool, json, time, bytes", {
    alias: "H",
    group: message,
    placeholder: "KEY[:TYPE]=VALUE",
  }),
  property: list("Property, such as contentType, messageId, priority, expiration", {
    alias: "p",
    group: message,
    placeholder: "NAME=VALUE",
  }),
  "keep-user-id": toggle("Send the user id of an envelope, which the broker checks", { group: message }),
  repeat: count("Publish each message so many times", { group: input, default: 1 }),
  rate: rate("At most so many messages a second, such as 500/s", { group: input, placeholder: "RATE" }),
  mandatory: toggle("A message that reaches no queue is a failure; --no-mandatory drops it", {
    group: reliability,
    default: true,
  }),
  "max-in-flight": count("Messages that wait for their confirm, at most", {
    group: reliability,
    max: 65_535,
    default: 256,
  }),
  "confirm-timeout": duration("How long a confirm may take", {
    group: reliability,
    minMs: 1,
    default: 30_000,
  }),
  "failed-to": text("Add messages that were not confirmed to this file, as envelopes", {
    group: reliability,
    placeholder: "FILE",
  }),
  "partial-ok": toggle("Exit with 3 when only some messages failed", { group: reliability }),
  "drain-timeout": duration("How long Ctrl-C waits for confirms", { group: reliability, default: 30_000 }),
  output: choice(
    "text: a summary on stderr; ndjson: a line for each message; json: the summary",
    ["text", "ndjson", "json"],
    {
      alias: "o",
      default: "text",
    },
  ),
};

export const publish: Command = defineCommand({
  name: "publish",
  positionals: "[body]",
  argument:
    "The message; without it, --file or stdin is one, or many with --lines, --null or --input envelope",
  describe: "Publish messages, confirmed by the broker",
  effect: "write",
  flags,
  examples: [
    ["warren publish -Q jobs 'hello'", "one message to a queue"],
    [
      "warren publish -e orders -k order.placed.eu -H attempt:int=1 '{\"id\":7}'",
      "through an exchange, with a header",
    ],
    ["warren publish -Q jobs --lines --rate 500/s < jobs.txt", "a message for each line"],
    [
      "warren publish -Q jobs --lines --failed-to failed.ndjson < jobs.txt",
      "keep what the broker did not take",
    ],
    ["warren publish --input envelope --file failed.ndjson", "and publish it again"],
  ],
  run,
});

async function run(context: CommandContext<typeof flags>): Promise<ExitCode> {
  const { settings, io, log, interrupt } = context;
  const plan = await planOf(context);
  const failedTo = settings["failed-to"];
  const failedFile = failedTo === undefined ? undefined : await FailedFile.open(failedTo, plan.sources);
  const output = new ByteOutput(io.stdout);
  const jsonErrors = settings["json-errors"];
  const report = new OutcomeReport({ form: settings.output, output, log, failedFile, jsonErrors });

  await using broker = await context.openBroker();
  const publisher = createPublisher(broker.connection, limitsOf(settings));
  const stop = AbortSignal.any([interrupt, broker.lost, output.closed]);
  using _drain = giveUpAfter(settings["drain-timeout"], interrupt, broker.lost, () =>
    publisher.close({ timeoutMs: 1 }),
  );
  let ended = false;
  const leftOut = new LeftOut();
  async function* messages(): AsyncGenerator<Outgoing> {
    for await (const outgoing of readMessages(plan.sources, plan.reading, stop)) {
      leftOut.add(outgoing);
      yield outgoing;
    }
    ended = !stop.aborted;
  }
  const failures: unknown[] = [];
  const note = (error: unknown): void => void failures.push(error);
  await publishAll(
    pace(messages(), settings.rate, stop),
    (publishing) => publisher.publish({ ...publishing, mandatory: settings.mandatory }),
    (result) => report.settled(result),
    { maxInFlight: settings["max-in-flight"], maxInFlightBytes, signal: stop },
  ).catch(note);
  const without = leftOut.text();
  if (without !== undefined) log.summary(without);
  await report.end().catch(note);
  const exit = report.summary.exitCode({ partialOk: settings["partial-ok"] });
  // Messages of unknown fate weigh more than why that is so, any failed message more than a reader that went away.
  if (broker.lost.aborted && exit !== 6) throw broker.lost.reason;
  const worst = failures.find((error) => !(error instanceof OutputClosed && exit !== 0));
  if (worst !== undefined) throw worst;
  if (exit !== 0 && jsonErrors) throw report.failure(exit);
  if (exit === 0 && interrupt.aborted && !ended)
    throw new Failure(2, "interrupted before the end of the input", { code: "PUBLISH_ABORTED" });
  return exit;
}

/** Everything that can be wrong before a connection is made. */
async function planOf({ settings, args, io }: CommandContext<typeof flags>): Promise<{
  readonly sources: readonly Source[];
  readonly reading: ReadOptions;
}> {
  const to = targetOf(settings);
  if (to.exchange === undefined && settings.input === "raw") throw noTarget();
  if (settings.lines && settings.null) throw new Failure(64, "either --lines or --null, not both");
  const [body] = args;
  const { file: files, "password-stdin": passwordFromStdin } = settings;
  return {
    sources: await chooseSources({ body, files, passwordFromStdin }, io),
    reading: {
      input: settings.input,
      framing: settings.lines ? "lines" : settings.null ? "null" : "whole",
      repeat: settings.repeat,
      target: to,
      properties: messageProperties(settings),
      keepUserId: settings["keep-user-id"],
    },
  };
}

function limitsOf(settings: CommandContext<typeof flags>["settings"]): PublisherOptions {
  const confirmTimeoutMs = settings["confirm-timeout"];
  const reconnectMs = settings["max-reconnect-time"] ?? 0;
  // A broker that takes nothing for so long is too busy (75); a lost connection has a limit of its own.
  const forEver = settings["max-reconnect-time"] === 0;
  const deliveryTimeoutMs = forEver ? longestMs : Math.min(longestMs, blockedLimitMs + reconnectMs);
  return { maxInFlight: settings["max-in-flight"], maxBodyBytes, confirmTimeoutMs, deliveryTimeoutMs };
}
