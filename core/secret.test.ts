import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { Secret } from './secret.ts';

const secret = new Secret('hunter2');

it.each([
  ['String()', String(secret)],
  ['JSON', JSON.stringify({ secret })],
  ['inspection', inspect({ secret }, { depth: 5, showHidden: true })],
  ['copying', JSON.stringify(Object.assign({}, secret))],
])('does not show its value through %s', (_way, text) => {
  expect(text).not.toContain('hunter2');
});

it('reveals its value to who asks by name', () => {
  expect(secret.reveal()).toBe('hunter2');
});
