import { describe, expect, it } from 'vitest';
import { countCalls, parseAudit } from './audit.ts';

const line = (verb: string, resource: string, options: { code?: number; stage?: string } = {}): string =>
  JSON.stringify({
    stage: options.stage ?? 'ResponseComplete',
    verb,
    requestURI: `/api/v1/${resource}`,
    requestReceivedTimestamp: '2026-01-01T00:00:00.000000Z',
    user: { username: 'operator' },
    objectRef: { resource },
    responseStatus: { code: options.code ?? 200 },
  });

describe('the audit log', () => {
  it('counts what a client did', () => {
    const text = [
      line('patch', 'deployments'),
      line('create', 'services', { code: 409 }),
      line('update', 'leases'),
      line('create', 'events'),
      line('list', 'pods'),
      line('get', 'leases'),
      line('watch', 'pods', { stage: 'ResponseStarted' }),
      line('watch', 'pods'),
      '{"stage":"Resp',
    ].join('\n');
    expect(countCalls(parseAudit(text))).toEqual({
      writes: 2,
      policyWrites: 0,
      leaseWrites: 1,
      events: 1,
      reads: 1,
      watches: 1,
      conflicts: 1,
      failures: 1,
    });
  });
});
