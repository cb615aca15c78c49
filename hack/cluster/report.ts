/**
 * What the person in front of the terminal sees: one line per part with its seconds and, for a part that takes minutes, signs of
 * life meanwhile. On a terminal the line is rewritten; in a log a new one appears every few seconds at most.
 */
import { systemClock } from '../../core/clock.ts';

/** Where a long piece of work tells how far it is. */
export type Progress = (text: string) => void;

/** Receives the parts of a longer piece of work. */
export interface Reporter {
  /** Runs `work` as one named part; its last progress text stays as the part's result. Errors pass through. */
  step<T>(title: string, work: (progress: Progress) => Promise<T>): Promise<T>;
  /** A line on its own. */
  note(text: string): void;
}

/** Says nothing: for tests and for callers with an output of their own. */
export const silentReporter: Reporter = {
  step: (_title, work) => work(() => undefined),
  note: () => undefined,
};

const LOG_INTERVAL_MS = 10_000;

/** `12.3 s`, the way every part's duration is printed. */
export function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}

/** Writes parts to `stream`. */
export function streamReporter(stream: NodeJS.WriteStream, clock = systemClock): Reporter {
  return {
    note: (text) => stream.write(`${text}\n`),
    step: async (title, work) => {
      const started = clock.monotonicMs();
      const line = progressLine(stream, title, () => clock.monotonicMs());
      try {
        const result = await work(line.update);
        line.end(`  ${title}: ${line.last() || 'done'} (${seconds(clock.monotonicMs() - started)})`);
        return result;
      } catch (error) {
        line.end(`  ${title}: failed after ${seconds(clock.monotonicMs() - started)}`);
        throw error;
      }
    },
  };
}

interface ProgressLine {
  readonly update: Progress;
  readonly end: (text: string) => void;
  readonly last: () => string;
}

function progressLine(stream: NodeJS.WriteStream, title: string, nowMs: () => number): ProgressLine {
  let last = '';
  let nextLogMs = nowMs() + LOG_INTERVAL_MS;
  const rewrite = stream.isTTY ? '\r\u001b[K' : '';
  return {
    last: () => last,
    end: (text) => stream.write(`${rewrite}${text}\n`),
    update: (text) => {
      last = text;
      if (stream.isTTY) {
        stream.write(`${rewrite}  ${title}: ${text}`.slice(0, stream.columns));
      } else if (nowMs() >= nextLogMs) {
        nextLogMs = nowMs() + LOG_INTERVAL_MS;
        stream.write(`  ${title}: ${text}\n`);
      }
    },
  };
}
