import { describe, expect, it } from 'vitest';
import { aRequest, anUpdate, reviewOf } from '../testing/requests.ts';
import { MalformedReviewError, readReview, writeReview } from './review.ts';

const server = { metadata: { name: 'github' }, spec: {} };
const whole = JSON.parse(reviewOf(anUpdate(server, server))) as { request: object };
const withRequest = (change: object): object => ({ ...whole, request: { ...whole.request, ...change } });

describe('readReview', () => {
  it.each([
    ['a creation', aRequest(server)],
    ['an update', anUpdate(server, server)],
    ['a change of a subresource', anUpdate(server, server, { resource: 'mcpservers/scale' })],
    ['something of the whole cluster', aRequest(server, { namespace: '' })],
  ])('reads %s', (_reason, request) => {
    const user = { groups: [], extra: {}, ...request.user };
    expect(readReview(reviewOf(request))).toEqual({ dryRun: false, ...request, user });
  });

  it('reads a deletion, which has no object', () => {
    const text = JSON.stringify(withRequest({ operation: 'DELETE', object: null, dryRun: true }));
    expect(readReview(text)).toMatchObject({
      operation: 'DELETE',
      dryRun: true,
      object: {},
      oldObject: server,
    });
  });

  it('reads what Go leaves out as empty', () => {
    const user = { username: 'alice' };
    expect(readReview(JSON.stringify(withRequest({ namespace: undefined, userInfo: user })))).toMatchObject({
      namespace: '',
      user: { username: 'alice', uid: '' },
    });
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'the body is not JSON'],
    ['null', null, 'the body must be an object'],
    ['a list', [], 'the body must be an object'],
    ['another kind', { ...whole, kind: 'Pod' }, 'AdmissionReview of admission.k8s.io/v1'],
    ['another version', { ...whole, apiVersion: 'admission.k8s.io/v1beta1' }, 'admission.k8s.io/v1'],
    ['no request', { ...whole, request: undefined }, 'request must be an object'],
    ['no uid', withRequest({ uid: undefined }), 'request.uid is missing'],
    ['a uid that is no text', withRequest({ uid: 7 }), 'request.uid must be text'],
    ['a connection', withRequest({ operation: 'CONNECT' }), 'request.operation must be'],
    [
      'groups that are no list',
      withRequest({ userInfo: { username: 'a', groups: 'b' } }),
      'request.userInfo.groups must be',
    ],
    [
      'extra that is no text',
      withRequest({ userInfo: { username: 'a', extra: { b: [1] } } }),
      'request.userInfo.extra must be text',
    ],
    [
      'a deletion of nothing',
      withRequest({ operation: 'DELETE', oldObject: null }),
      'request.oldObject must be',
    ],
    ['no resource', withRequest({ resource: null }), 'request.resource must be an object'],
    ['no user', withRequest({ userInfo: undefined }), 'request.userInfo must be an object'],
    ['a user without a name', withRequest({ userInfo: {} }), 'request.userInfo.username is missing'],
    ['no object', withRequest({ object: null }), 'request.object must be an object'],
    ['an update of nothing', withRequest({ oldObject: null }), 'request.oldObject must be an object'],
  ])('refuses %s, naming it', (_reason, review, message) => {
    const read = (): unknown => readReview(JSON.stringify(review) ?? '');
    expect(read).toThrow(MalformedReviewError);
    expect(read).toThrow(message);
  });
});

describe('writeReview', () => {
  const response = (answer: Parameters<typeof writeReview>[1]): Record<string, unknown> =>
    (JSON.parse(writeReview('some-uid', answer)) as { response: Record<string, unknown> }).response;

  it('allows in as few words as possible', () => {
    expect(response({ patch: [], warnings: [] })).toEqual({ uid: 'some-uid', allowed: true });
  });

  it('carries a patch as base64 JSON', () => {
    const patch = [{ op: 'add', path: '/metadata/annotations', value: { a: 'ü' } } as const];
    const { patch: encoded, ...rest } = response({ patch });
    expect(rest).toEqual({ uid: 'some-uid', allowed: true, patchType: 'JSONPatch' });
    expect(JSON.parse(Buffer.from(String(encoded), 'base64').toString('utf8'))).toEqual(patch);
  });

  it('refuses with a Status, warnings and annotations', () => {
    const denial = { code: 403, reason: 'Forbidden', message: 'no' } as const;
    expect(response({ denial, warnings: ['w'], auditAnnotations: { a: 'b' } })).toEqual({
      uid: 'some-uid',
      allowed: false,
      status: { status: 'Failure', ...denial },
      warnings: ['w'],
      auditAnnotations: { a: 'b' },
    });
  });
});
