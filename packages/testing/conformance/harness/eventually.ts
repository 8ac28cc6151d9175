/**
 * Asks until the answer is the wanted one, for what a broker does in its own time and tells nobody. Gives the last
 * answer after the limit, so that the test's own `expect` says what is wrong.
 */
export async function eventually<T>(
  ask: () => Promise<T>,
  wanted: (answer: T) => boolean,
  limitMs = 5_000,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (wanted(answer) || performance.now() > deadline) return answer;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
