import { expect, it } from 'vitest';
import { aPolicy, aRemoteSubject, aSubject } from '../../testing/subjects.ts';
import { evaluatePolicy } from '../evaluate.ts';

const speaking = (type: 'StreamableHTTP' | 'SSE') => ({ transport: { type, port: 8080, path: '/mcp' } });

it('admits a transport that is allowed, and any when nothing is said', () => {
  expect(evaluatePolicy(aPolicy({ transports: ['StreamableHTTP'] }), aSubject())).toEqual([]);
  expect(evaluatePolicy(aPolicy({}), aSubject(speaking('SSE')))).toEqual([]);
});

it.each([
  { reason: 'with pods', subject: aSubject(speaking('SSE')) },
  { reason: 'elsewhere', subject: aRemoteSubject(undefined, speaking('SSE')) },
])('refuses another one, $reason', ({ subject }) => {
  expect(evaluatePolicy(aPolicy({ transports: ['StreamableHTTP'] }), subject)).toEqual([
    {
      policy: 'strict',
      rule: 'transports',
      severity: 'medium',
      path: 'spec.transport.type',
      value: 'SSE',
      message: 'This transport is not allowed here.',
      fix: 'Set it to StreamableHTTP.',
    },
  ]);
});

it('allows nothing when it is empty', () => {
  expect(evaluatePolicy(aPolicy({ transports: [] }), aSubject())).toMatchObject([
    { value: 'StreamableHTTP', message: 'No transport is allowed here.' },
  ]);
});
