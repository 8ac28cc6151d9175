import fc, { type Arbitrary } from "fast-check";

/** The value in so many cases of a hundred, else nothing. */
export function sometimes<T>(percent: number, value: Arbitrary<T> | T): Arbitrary<T | undefined> {
  const given = value instanceof fc.Arbitrary ? value : fc.constant(value);
  return mostly(100 - percent, fc.constant(undefined), given);
}

/** The first in so many cases of a hundred, else the second. */
export function mostly<A, B>(percent: number, first: Arbitrary<A>, second: Arbitrary<B>): Arbitrary<A | B> {
  return fc.oneof({ weight: percent, arbitrary: first }, { weight: 100 - percent, arbitrary: second });
}

type Stated<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** A record without the keys that have no value. */
export function stated<T extends object>(model: { [K in keyof T]: Arbitrary<T[K]> }): Arbitrary<Stated<T>> {
  return fc
    .record(model, { noNullPrototype: true })
    .map(
      (record) =>
        Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Stated<T>,
    );
}
