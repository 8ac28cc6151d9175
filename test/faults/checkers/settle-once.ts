/** K5: everything that was begun settles, and once. */
export class SettleOnce {
  readonly #settles = new Map<string, number>();
  readonly #strangers: string[] = [];
  readonly #promises: Promise<unknown>[] = [];

  begin(id: string): void {
    this.#settles.set(id, 0);
  }

  settle(id: string): void {
    const count = this.#settles.get(id);
    if (count === undefined) this.#strangers.push(id);
    else this.#settles.set(id, count + 1);
  }

  /** Notes when the promise settles, either way, and passes it on. */
  watch<T>(id: string, promise: Promise<T>): Promise<T> {
    this.begin(id);
    const settle = (): void => this.settle(id);
    this.#promises.push(promise.then(settle, settle));
    return promise;
  }

  /** Waits for what is watched, `withinMs` at most, and says what is wrong. */
  async problems(withinMs: number): Promise<readonly string[]> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise((resolve) => (timer = setTimeout(resolve, withinMs)));
    await Promise.race([Promise.all(this.#promises), deadline]);
    clearTimeout(timer);
    return [
      ...[...this.#settles].flatMap(([id, count]) =>
        count === 1 ? [] : [count === 0 ? `${id} did not settle` : `${id} settled ${count} times`],
      ),
      ...this.#strangers.map((id) => `${id} settled and was never begun`),
    ];
  }
}
