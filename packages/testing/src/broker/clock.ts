/** Where the broker gets its time from, and who wakes it: message and queue expiry, consumer timeouts, delayed faults. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `task` once after `delayMs`, in a later turn. */
  schedule(delayMs: number, task: () => void): Alarm;
}

/** A task that waits for its time. */
export interface Alarm {
  cancel(): void;
}

/** The machine's own clock. Its timers do not keep a process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  schedule: (delayMs, task) => {
    const timer = setTimeout(task, Math.min(delayMs, 2 ** 31 - 1));
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
