import { describe, expect, it } from 'vitest';
import { NotFoundError } from './api-error.ts';
import { createDiscovery } from './discovery.ts';
import type { ApiRequest, Transport } from './transport.ts';

const signal = new AbortController().signal;

function discovery(answer: () => unknown): {
  readonly asked: ApiRequest[];
  readonly names: () => Promise<readonly string[]>;
} {
  const asked: ApiRequest[] = [];
  const transport: Transport = {
    send: (request) => {
      asked.push(request);
      return Promise.resolve().then(answer);
    },
    stream: () => Promise.reject(new Error('not asked for')),
  };
  const discovery = createDiscovery(transport, 'test/1 (x)');
  return { asked, names: async () => [...(await discovery.resources('openreports.io', 'v1alpha1', signal))] };
}

describe('discovery', () => {
  it('names the resources of a version, without subresources', async () => {
    const { asked, names } = discovery(() => ({
      resources: [{ name: 'reports' }, { name: 'reports/status' }, {}],
    }));
    expect(await names()).toEqual(['reports']);
    expect(asked[0]).toMatchObject({ method: 'GET', path: '/apis/openreports.io/v1alpha1' });
  });

  it.each([
    [
      'the version is not served',
      () => {
        throw new NotFoundError({
          code: 404,
          reason: 'NotFound',
          message: '',
          causes: [],
          retryAfterMs: undefined,
        });
      },
    ],
    ['it has no resources', () => ({ resources: null })],
  ])('names none when %s', async (_reason, answer) => {
    expect(await discovery(answer).names()).toEqual([]);
  });

  it('does not take a failure for an answer', async () => {
    await expect(
      discovery(() => {
        throw new Error('down');
      }).names(),
    ).rejects.toThrow('down');
  });
});
