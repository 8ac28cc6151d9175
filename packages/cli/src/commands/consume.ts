import { type Command, type CommandContext, defineCommand } from "../command.ts";
import { chooseQueue } from "../consume/choose-queue.ts";
import { pacedWriter } from "../consume/paced-writer.ts";
import { createPrinter, type Printer } from "../consume/printer.ts";
import { type End, QueueReader } from "../consume/queue-reader.ts";
import type { ExitCode } from "../exit-code.ts";
import { Failure } from "../failure.ts";
import { ByteOutput } from "../output/byte-output.ts";
import type { PrintableMessage } from "../output/message-fields.ts";
import { useColour } from "../output/colour.ts";
import { choice, count, duration, list, text, toggle } from "../settings/flag.ts";
import { whenAborted } from "../when-aborted.ts";

/** So many deliveries of a message that is only looked at are told. */
const manyDeliveries = 10;

const source = "Source:";
const end = "End:";
const printing = "Printing:";

const flags = {
  bind: list("Instead of a queue, a temporary one bound to EXCHANGE with KEY; may be repeated", {
    group: source,
    placeholder: "EXCHANGE[:KEY]",
  }),
  prefetch: count("Messages that may be un-acked, at most", { group: source, max: 65_535, default: 50 }),
  ack: choice(
    "after-output: when it is written; auto: on arrival; none: look only, at most --prefetch or -n messages",
    ["after-output", "auto", "none"],
    { group: source, default: "after-output" },
  ),
  exclusive: toggle(
    "Be the only consumer, or fail. Classic queues only: quorum queues and streams ignore it; give a quorum queue x-single-active-consumer",
    { group: source },
  ),
  count: count("End after N messages; exit with 2 when they do not come", { alias: "n", group: end }),
  timeout: duration("End after this time", { group: end }),
  idle: duration("End when nothing came for this time", { group: end }),
  "until-empty": toggle("End when the queue is empty", { group: end }),
  "drain-timeout": duration("How long Ctrl-C waits for what is being written", {
    group: end,
    default: 30_000,
  }),
  output: choice(
    "text: for people; lines: bodies, each ended with a line feed; raw: the bytes of bodies and no more; ndjson, json: envelopes. Without: text on a terminal, else lines",
    ["text", "lines", "raw", "ndjson", "json"],
    { alias: "o", group: printing },
  ),
  format: text("Template such as '{routingKey} {json:id} {header:x} {body}'", {
    group: printing,
    placeholder: "TEMPLATE",
  }),
  null: toggle("End each body with a NUL byte instead of a line feed", { alias: "0", group: printing }),
  newline: toggle("End each body with a line feed; --no-newline prints its bytes and no more", {
    group: printing,
    default: true,
  }),
  body: choice(
    "How an envelope shows the body; auto: as text where it is UTF-8, json: as JSON where that restores its bytes, base64: always so",
    ["auto", "json", "base64"],
    {
      group: printing,
      default: "auto",
    },
  ),
};

export const consume: Command = defineCommand({
  name: "consume",
  positionals: "[queue]",
  argument: "The queue, which must be there; or see --bind",
  describe: "Print the messages of a queue, and ack each when it is printed",
  effect: "write",
  flags,
  examples: [
    ["warren consume jobs", "follow a queue until Ctrl-C"],
    [
      "warren consume jobs --until-empty -o ndjson > jobs.ndjson",
      "take everything, with properties and headers",
    ],
    ["warren consume jobs -n 3 --timeout 10s", "three messages, or exit code 2"],
    ["warren consume jobs -n 1 -o raw > body.bin", "the bytes of one body, and no more"],
    ["warren consume jobs -n 5 --ack none", "look at five and leave them"],
    [
      "warren consume --bind orders:order.placed.* --format '{routingKey} {json:id}'",
      "listen in, without a queue of its own",
    ],
  ],
  run,
});

async function run(context: CommandContext<typeof flags>): Promise<ExitCode> {
  const { settings, args, io, log, interrupt } = context;
  const { queue, prepare } = chooseQueue(args[0], settings.bind);
  const printer = printerOf(context);
  const output = new ByteOutput(io.stdout);
  const write = pacedWriter(output, io.stdoutIsPipe);
  const { ack, prefetch } = settings;
  const done = ack === "none" ? "looked at" : "consumed";

  await using broker = await context.openBroker({ follows: !hasEnd(settings) });
  const reader = new QueueReader(broker.connection, {
    queue,
    prepare,
    ack,
    prefetch: ack === "none" ? (settings.count ?? prefetch) : prefetch,
    // What is never acked blocks the way when the prefetch is used up: that is as far as one can look.
    count: settings.count ?? (ack === "none" ? prefetch : undefined),
    idleMs: settings.idle,
    timeoutMs: settings.timeout,
    untilEmpty: settings["until-empty"],
    exclusive: settings.exclusive,
    drainMs: settings["drain-timeout"],
    write: async (message) => {
      if (ack === "none") warnOfLimit(message, log);
      await write(printer.message(message));
      if (io.stdout.isTTY !== true) log.progress(() => `${reader.writtenCount} ${done}`);
    },
  });
  whenAborted(interrupt, () => reader.finish("interrupt"));
  for (const signal of [broker.lost, output.closed])
    whenAborted(signal, () => reader.finish({ error: signal.reason as unknown }));
  const why = await reader.run();
  if (typeof why === "object") throw why.error;
  const last = printer.end();
  if (last.length > 0) await output.write(last);
  log.summary(`${reader.writtenCount} ${done}`);
  return exitCodeOf(why, reader.writtenCount, settings.count);
}

function hasEnd(settings: CommandContext<typeof flags>["settings"]): boolean {
  const { count, timeout, idle, ack } = settings;
  return [count, timeout, idle].some((end) => end !== undefined) || settings["until-empty"] || ack === "none";
}

/** Looking costs a quorum queue one of its delivery attempts, and the last one drops or dead-letters the message. */
function warnOfLimit(
  { queue, deliveryCount = 0 }: PrintableMessage,
  log: CommandContext<typeof flags>["log"],
): void {
  if (deliveryCount === manyDeliveries)
    log.warn(
      `a message of "${queue}" was delivered ${deliveryCount} times and not acked: ` +
        "each look counts towards the queue's delivery limit (20 by default since RabbitMQ 4.0), beyond which it is dropped or dead-lettered",
    );
}

function printerOf({ settings, io }: CommandContext<typeof flags>): Printer {
  const { format, newline, null: nul } = settings;
  const terminal = io.stdout.isTTY === true;
  // Who says how a body ends wants bodies.
  const form = settings.output ?? (terminal && newline && !nul ? "text" : "lines");
  const ending = nul ? "--null" : newline ? undefined : "--no-newline";
  if (nul && !newline) throw new Failure(64, "either --null or --no-newline, not both");
  if (ending !== undefined && form !== "lines" && form !== "raw" && format === undefined)
    throw new Failure(64, `${ending} says how a body ends: use it with --output lines, raw or --format`);
  return createPrinter({
    form,
    format,
    terminator: nul ? "\0" : newline && form !== "raw" ? "\n" : "",
    bodyAs: settings.body,
    terminal,
    colour: useColour(settings.color, io),
  });
}

/** Fewer than asked for, or nothing at all where an end was asked for, is told by the exit code. */
function exitCodeOf(why: Exclude<End, object>, received: number, asked: number | undefined): ExitCode {
  if (asked !== undefined) return received >= asked ? 0 : 2;
  return received === 0 && why !== "interrupt" ? 2 : 0;
}
