/**
 * Structured logging: one JSON object a line on standard error, readable by people and by every log collector. The
 * interface is small so that tests and libraries need nothing of winston.
 */
import winston from 'winston';

/** Severity names, most severe first. */
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Fields of a log line. An Error among them is written as its message and stack. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where a component writes what it decided. */
export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to each of its lines. */
  child(fields: LogFields): Logger;
}

/** Writes lines of `level` and above to standard error. */
export function createLogger(options: { readonly level: LogLevel }): Logger {
  const { combine, timestamp, json } = winston.format;
  const root = winston.createLogger({
    level: options.level,
    format: combine(timestamp(), winston.format((info) => expandErrors(info))(), json()),
    transports: [new winston.transports.Console({ stderrLevels: [...LOG_LEVELS] })],
  });
  return wrap(root);
}

/** Drops every line: for tests and for library use. */
export const silentLogger: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  child: () => silentLogger,
};

function wrap(target: winston.Logger): Logger {
  return {
    error: (message, fields) => void target.error(message, fields),
    warn: (message, fields) => void target.warn(message, fields),
    info: (message, fields) => void target.info(message, fields),
    debug: (message, fields) => void target.debug(message, fields),
    child: (fields) => wrap(target.child(fields)),
  };
}

/** Errors have no enumerable fields, so JSON would print `{}` for the one thing a reader at 3 a.m. needs. */
function expandErrors(info: winston.Logform.TransformableInfo): winston.Logform.TransformableInfo {
  for (const [key, value] of Object.entries(info)) {
    if (value instanceof Error) info[key] = describeError(value);
  }
  return info;
}

function describeError(error: Error): Record<string, unknown> {
  const cause = error.cause instanceof Error ? { cause: describeError(error.cause) } : {};
  return { name: error.name, message: error.message, stack: error.stack, ...cause };
}
