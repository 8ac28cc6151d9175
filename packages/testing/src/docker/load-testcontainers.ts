import { LaunchError } from "../launch-error.ts";

/** testcontainers is an optional peer: it is loaded when a container is asked for, and not before. */
export async function loadTestcontainers(): Promise<typeof import("testcontainers")> {
  try {
    return await import("testcontainers");
  } catch (cause) {
    throw new LaunchError(
      "Containers need the package testcontainers: npm install --save-dev testcontainers",
      {
        cause,
      },
    );
  }
}
