/**
 * The few kinds of failure that decide what happens next. Everything thrown on purpose is one of these or a subclass, with
 * the underlying error as `cause`; who catches asks for the kind, never for a message.
 */

/** Worth trying again: the network, a busy server, a lost race that a new look will settle. */
export class TransientError extends Error {
  override readonly name: string = 'TransientError';
}

/** Trying again cannot help until somebody changes the input. The controller loop reports it and does not retry. */
export class TerminalError extends Error {
  override readonly name: string = 'TerminalError';
}

/** Somebody else wrote first (HTTP 409). Handled by looking again; never an event, never a condition. */
export class ConflictError extends TransientError {
  override readonly name: string = 'ConflictError';
}

/** The process was started with settings that cannot work. The message names the setting and the fix. */
export class ConfigError extends Error {
  override readonly name: string = 'ConfigError';
}

/** The text of anything that was thrown, for a log line or a wrapping message. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
