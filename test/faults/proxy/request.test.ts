import { describe, expect, it } from 'vitest';
import { isWrite, matches, parseApiRequest, type RequestMatch } from './request.ts';

const DEPLOYMENTS = '/apis/apps/v1/namespaces/a/deployments';

describe('parseApiRequest', () => {
  it.each([
    ['GET', '/api/v1/pods?limit=500', { verb: 'list', resource: 'pods', namespace: '' }],
    ['GET', '/api/v1/namespaces/a/pods/b', { verb: 'get', resource: 'pods', namespace: 'a', name: 'b' }],
    ['GET', '/api/v1/pods?watch=true&resourceVersion=1', { verb: 'watch', resource: 'pods' }],
    ['GET', '/api/v1/namespaces/a', { verb: 'get', resource: 'namespaces', name: 'a', namespace: '' }],
    [
      'PUT',
      '/api/v1/namespaces/a/finalize',
      { verb: 'update', resource: 'namespaces', name: 'a', subresource: 'finalize' },
    ],
    ['POST', DEPLOYMENTS, { verb: 'create', group: 'apps', resource: 'deployments', namespace: 'a' }],
    [
      'PATCH',
      `${DEPLOYMENTS}/b/status?fieldManager=x`,
      { verb: 'patch', name: 'b', subresource: 'status', dryRun: false },
    ],
    ['PATCH', `${DEPLOYMENTS}/b?dryRun=All`, { verb: 'patch', subresource: '', dryRun: true }],
    ['DELETE', `${DEPLOYMENTS}/b`, { verb: 'delete', name: 'b' }],
    ['DELETE', DEPLOYMENTS, { verb: 'deletecollection', name: '' }],
    ['GET', '/readyz', { verb: 'list', resource: '', group: '' }],
    ['GET', '/apis/apps/v1', { resource: '' }],
  ])('%s %s', (method, url, expected) => {
    expect(parseApiRequest(method, url, { 'user-agent': 'test' })).toMatchObject({
      userAgent: 'test',
      url,
      ...expected,
    });
  });
});

describe('matches', () => {
  const request = parseApiRequest('PATCH', `${DEPLOYMENTS}/b/status`, { 'user-agent': 'kilo-mcp/1' });
  it.each<[string, RequestMatch, boolean]>([
    ['nothing given', {}, true],
    ['the verb', { verb: 'patch' }, true],
    ['one of some verbs', { verb: ['create', 'patch'] }, true],
    ['another verb', { verb: ['create', 'update'] }, false],
    ['resource and name', { resource: 'deployments', name: 'b', namespace: 'a' }, true],
    ['no subresource wanted', { subresource: '' }, false],
    ['the user agent', { userAgent: /^kilo-mcp\// }, true],
    ['one part of two is wrong', { resource: 'deployments', name: 'c' }, false],
  ])('%s', (_reason, match, expected) => {
    expect(matches(match, request)).toBe(expected);
  });
});

describe('isWrite', () => {
  it.each([
    ['PATCH', `${DEPLOYMENTS}/b`, true],
    ['PATCH', `${DEPLOYMENTS}/b?dryRun=All`, false],
    ['GET', DEPLOYMENTS, false],
    ['DELETE', DEPLOYMENTS, true],
  ])('%s %s', (method, url, expected) => {
    expect(isWrite(parseApiRequest(method, url, {}))).toBe(expected);
  });
});
