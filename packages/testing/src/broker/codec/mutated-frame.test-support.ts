import { frameEnd, frameHeaderBytes } from "./frames.ts";

type Mutation = (bytes: Buffer, any: (below: number) => number, corpus: readonly Buffer[]) => Buffer;

const telling = [
  0,
  1,
  4,
  7,
  14,
  0x40,
  0x7f,
  0x80,
  0xc2,
  0xce,
  0xfe,
  0xff,
  ...Buffer.from("tbBsuIilLfdDSATFVx"),
];
const tellingLengths = [
  0,
  1,
  4,
  13,
  255,
  256,
  4_096,
  65_535,
  131_064,
  131_072,
  131_073,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
];
const mostMutations = 4;

const mutations: readonly Mutation[] = [
  function flipBit(bytes, any) {
    const at = any(bytes.length);
    bytes[at]! ^= 1 << any(8);
    return bytes;
  },
  function setOctet(bytes, any) {
    bytes[any(bytes.length)] = telling[any(telling.length)]!;
    return bytes;
  },
  function setLength(bytes, any) {
    if (bytes.length >= 4)
      bytes.writeUInt32BE(tellingLengths[any(tellingLengths.length)]!, any(bytes.length - 3));
    return bytes;
  },
  function truncate(bytes, any) {
    return bytes.subarray(0, any(bytes.length));
  },
  function splice(bytes, any, corpus) {
    const other = corpus[any(corpus.length)]!;
    return Buffer.concat([bytes.subarray(0, any(bytes.length)), other.subarray(any(other.length))]);
  },
  function append(bytes, any, corpus) {
    return Buffer.concat([bytes, corpus[any(corpus.length)]!]);
  },
  function repeat(bytes, any) {
    const start = any(bytes.length);
    const end = Math.min(bytes.length, start + 1 + any(16));
    const times = 1 + any(40);
    const part = bytes.subarray(start, end);
    return Buffer.concat([
      bytes.subarray(0, start),
      ...Array.from({ length: times }, () => part),
      bytes.subarray(end),
    ]);
  },
];

/** A frame of the corpus with one to four things wrong; two times in three its outer length fits again. */
export function mutated(corpus: readonly Buffer[], random: () => number): Buffer {
  const any = (below: number): number => Math.floor(random() * below);
  let bytes: Buffer = Buffer.from(corpus[any(corpus.length)]!);
  for (let left = 1 + any(mostMutations); left > 0 && bytes.length > 0; left -= 1)
    bytes = mutations[any(mutations.length)]!(bytes, any, corpus);
  if (bytes.length > frameHeaderBytes && any(3) > 0) {
    bytes.writeUInt32BE(bytes.length - frameHeaderBytes - 1, 3);
    bytes[bytes.length - 1] = frameEnd;
  }
  return bytes;
}
