/** Something that goes wrong from now on, until it is removed: by hand, or by `using` at the end of a block. */
export interface Fault extends Disposable {
  /** As it was set: `dropConfirms`. */
  readonly name: string;
  /** How often it happened. */
  readonly struckCount: number;
  /**
   * Resolves as soon as it has happened this often, and at once where it already has.
   *
   * @throws Error when it is removed before, or can never happen so often
   */
  struckTimes(count: number): Promise<void>;
  /** What it delays comes at its time all the same. Twice is no error. */
  remove(): void;
}
