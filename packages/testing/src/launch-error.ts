/** Something that a test asked for could not be started. The message says what is missing and what to do about it. */
export class LaunchError extends Error {
  override readonly name = "LaunchError";
}
