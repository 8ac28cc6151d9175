import { AmqpError } from "../amqp-error.ts";
import { seededRandom } from "../faults/seeded-random.ts";
import { validFrames } from "./frame-corpus.test-support.ts";
import { decodeContentHeader, encodeContentHeader } from "./content-header.ts";
import { FrameReader } from "./frame-reader.ts";
import { frameTypes } from "./frames.ts";
import { decodeMethod, encodeMethod } from "./methods.ts";
import { mutated } from "./mutated-frame.test-support.ts";

const maxFrameBytes = 131_072;
const slackBytes = 65_536;
const slowMs = 50;
const shownBytes = 200;
/** Once in so many inputs the process is asked for its memory: that takes longer than all the rest. */
const measuredEvery = 128;
/** Once in so many inputs what was decoded is encoded again. */
const encodedEvery = 4;

export interface FuzzOptions {
  readonly frames: number;
  readonly seed: number;
}

export interface FuzzSummary {
  /** Inputs that were read to the end. */
  readonly accepted: number;
  /** By reply code. */
  readonly refused: Readonly<Record<number, number>>;
  readonly methods: number;
  readonly headers: number;
  readonly encodedAgain: number;
  readonly slowestMs: number;
  readonly largestAllocationBytes: number;
}

/**
 * Feeds mutated frames to the reader and the decoders. Throws, with the input and what repeats it, where anything but an
 * AmqpError is thrown, an input takes over 50 ms or more memory than a frame and 64 KiB, or where what was decoded does
 * not survive being encoded.
 */
export function fuzzCodec({ frames, seed }: FuzzOptions): FuzzSummary {
  const random = seededRandom(seed);
  const corpus = validFrames(seed);
  const refused: Record<number, number> = {};
  const tally = {
    accepted: 0,
    methods: 0,
    headers: 0,
    encodedAgain: 0,
    slowestMs: 0,
    largestAllocationBytes: 0,
  };
  for (let index = 0; index < frames; index += 1) {
    const input = mutated(corpus, random);
    const cut = Math.floor(random() * (input.length + 1));
    const measured = index % measuredEvery === 0;
    const before = measured ? process.memoryUsage().arrayBuffers : 0;
    const begun = performance.now();
    try {
      const read = readAll(input, cut, index % encodedEvery === 0);
      tally.methods += read.methods;
      tally.headers += read.headers;
      tally.encodedAgain += read.encodedAgain;
      if (read.refusedWith === undefined) tally.accepted += 1;
      else refused[read.refusedWith] = (refused[read.refusedWith] ?? 0) + 1;
      let elapsedMs = performance.now() - begun;
      // A pause of the machine is none of the codec: what is slow is slow again.
      for (let again = 0; elapsedMs > slowMs && again < 3; again += 1) elapsedMs = timed(input, cut);
      if (elapsedMs > slowMs) throw new Error(`took ${elapsedMs} ms`);
      tally.slowestMs = Math.max(tally.slowestMs, elapsedMs);
      const allocated = measured ? process.memoryUsage().arrayBuffers - before : read.heldCapacityBytes;
      if (allocated > maxFrameBytes + slackBytes) throw new Error(`allocated ${allocated} bytes`);
      tally.largestAllocationBytes = Math.max(tally.largestAllocationBytes, allocated);
    } catch (error) {
      throw new Error(
        `seed ${seed}, input ${index}, cut at ${cut}: ${input.toString("hex", 0, shownBytes)}`,
        {
          cause: error,
        },
      );
    }
  }
  return { ...tally, refused };
}

interface Reading {
  refusedWith: number | undefined;
  methods: number;
  headers: number;
  encodedAgain: number;
  heldCapacityBytes: number;
}

function readAll(input: Buffer, cut: number, encodesAgain: boolean): Reading {
  const reading: Reading = {
    refusedWith: undefined,
    methods: 0,
    headers: 0,
    encodedAgain: 0,
    heldCapacityBytes: 0,
  };
  const reader = new FrameReader({
    maxFrameBytes,
    onFrame: (type, _channel, payload) => {
      if (type === frameTypes.method) {
        reading.methods += countUnlessRefused(reading, () => {
          const { name, arguments: args } = decodeMethod(payload);
          if (encodesAgain) reading.encodedAgain += checkStable(encodeMethod(name, args), encodeAgain);
        });
      } else if (type === frameTypes.header) {
        reading.headers += countUnlessRefused(reading, () => {
          const { bodyBytes, properties } = decodeContentHeader(payload);
          if (encodesAgain)
            reading.encodedAgain += checkStable(
              encodeContentHeader(bodyBytes, properties),
              encodeHeaderAgain,
            );
        });
      }
    },
  });
  countUnlessRefused(reading, () => {
    reader.push(input.subarray(0, cut));
    reader.push(input.subarray(cut));
  });
  reading.heldCapacityBytes = reader.heldCapacityBytes;
  return reading;
}

function encodeAgain(payload: Buffer): Buffer {
  const { name, arguments: args } = decodeMethod(payload);
  return encodeMethod(name, args);
}

function encodeHeaderAgain(payload: Buffer): Buffer {
  const { bodyBytes, properties } = decodeContentHeader(payload);
  return encodeContentHeader(bodyBytes, properties);
}

/** What has been decoded and encoded once has no more to lose. */
function checkStable(payload: Buffer, again: (payload: Buffer) => Buffer): number {
  if (!again(payload).equals(payload))
    throw new Error(`changes when encoded again: ${payload.toString("hex", 0, shownBytes)}`);
  return 1;
}

function countUnlessRefused(reading: Reading, read: () => void): number {
  try {
    read();
    return 1;
  } catch (error) {
    if (!(error instanceof AmqpError)) throw error;
    reading.refusedWith ??= error.replyCode;
    return 0;
  }
}

function timed(input: Buffer, cut: number): number {
  const begun = performance.now();
  readAll(input, cut, false);
  return performance.now() - begun;
}
