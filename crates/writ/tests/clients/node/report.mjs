// The frame of a client script: one JSON object in (argv[2]), one JSON object out.

/** The server's answer, as the client library understood it. */
export class Refused extends Error {
  constructor(seen) {
    super(seen.error);
    this.seen = seen;
  }
}

/**
 * Runs `attempt` on the configuration and prints what happened. A refusal that the library
 * parsed is printed field by field. Any other error is printed under its own name and leaves
 * `error` null, so that a test that expects a parsed error fails on it and shows the cause.
 */
export async function report(attempt) {
  const config = JSON.parse(process.argv[2]);
  let outcome;
  try {
    outcome = { ok: true, ...(await attempt(config)) };
  } catch (failure) {
    outcome =
      failure instanceof Refused
        ? { ok: false, ...failure.seen }
        : { ok: false, error: null, exception: `${failure.name}: ${failure.message}`, cause: failure.cause?.message };
  }
  console.log(JSON.stringify(outcome));
}
