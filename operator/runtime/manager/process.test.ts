import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../core/logger.ts';
import { exitOnEscapedErrors, terminationSignal } from './process.ts';

class FakeProcess extends EventEmitter {
  readonly codes: number[] = [];

  exit(code: number): void {
    this.codes.push(code);
  }
}

describe('a process', () => {
  it.each(['SIGTERM', 'SIGINT'])('stops in order on %s, and at once on a second one', (name) => {
    const target = new FakeProcess();
    const signal = terminationSignal(silentLogger, target);
    expect(signal.aborted).toBe(false);
    target.emit(name);
    expect(signal.aborted).toBe(true);
    expect(target.codes).toEqual([]);
    target.emit(name);
    expect(target.codes).toEqual([1]);
  });

  it.each(['uncaughtException', 'unhandledRejection'])('does not live on after an %s', (name) => {
    const target = new FakeProcess();
    exitOnEscapedErrors(silentLogger, target);
    target.emit(name, new Error('escaped'));
    expect(target.codes).toEqual([1]);
  });
});
