import { describe, expect, it } from 'vitest';
import { aServer } from '../../render/testing/a-server.ts';
import type { UserInfo } from '../admission/review.ts';
import { ALICE, aRequest, anUpdate, BOB } from '../testing/requests.ts';
import { dueStamps, isSameSpec, stampPatch } from './stamps.ts';

const CREATED_BY = 'mcp.kilocode.ai/created-by';
const CHANGED_BY = 'mcp.kilocode.ai/changed-by';
const EXECUTOR: UserInfo = { username: 'system:serviceaccount:mcp-system:executor', uid: 'e' };
const person = (user: UserInfo): string => JSON.stringify({ username: user.username, uid: user.uid });
const persons = (...users: readonly UserInfo[]): string => JSON.stringify(users);
const nobody = (number: number): UserInfo => ({ username: `user-${number}`, uid: '' });
const many = (count: number): UserInfo[] => Array.from({ length: count }, (_, number) => nobody(number));

/** A server of one of two specs, with these stamps. */
const one = (annotations?: Record<string, string>): object =>
  aServer({}, annotations === undefined ? {} : { annotations });
const other = (annotations?: Record<string, string>): object =>
  aServer({ replicas: 5 }, annotations === undefined ? {} : { annotations });
const stored = { [CREATED_BY]: person(ALICE), [CHANGED_BY]: persons(ALICE) };
const forged = { [CREATED_BY]: person(BOB), [CHANGED_BY]: '[]' };

describe('the stamps that are due', () => {
  it.each<[string, Parameters<typeof dueStamps>[0], string | undefined, string | undefined]>([
    ['its creator', aRequest(one()), person(ALICE), persons(ALICE)],
    ['its creator, whatever it says', aRequest(one(forged)), person(ALICE), persons(ALICE)],
    [
      'what is stored, for the same spec',
      anUpdate(one(stored), one(stored), { user: BOB }),
      person(ALICE),
      persons(ALICE),
    ],
    [
      'what is stored, when it drops them',
      anUpdate(one(stored), one(), { user: BOB }),
      person(ALICE),
      persons(ALICE),
    ],
    [
      'what is stored, when it forges them',
      anUpdate(one(stored), one(forged), { user: BOB }),
      person(ALICE),
      persons(ALICE),
    ],
    ['nothing, when nothing is stored', anUpdate(one(), one(forged), { user: BOB }), undefined, undefined],
    [
      'who changes the spec',
      anUpdate(one(stored), other(stored), { user: BOB }),
      person(ALICE),
      persons(ALICE, BOB),
    ],
    [
      'who changes the spec, when it forges them',
      anUpdate(one(stored), other(forged), { user: BOB }),
      person(ALICE),
      persons(ALICE, BOB),
    ],
    [
      'who changes the spec of a server from before the webhook',
      anUpdate(one(), other(), { user: BOB }),
      undefined,
      persons(BOB),
    ],
    [
      'a person once, the last to change it last',
      anUpdate(one({ ...stored, [CHANGED_BY]: persons(ALICE, BOB) }), other(stored), { user: ALICE }),
      person(ALICE),
      persons(BOB, ALICE),
    ],
    [
      'two persons where the uid differs',
      anUpdate(one({ [CHANGED_BY]: persons({ username: 'bob', uid: 'another' }) }), other(), { user: BOB }),
      undefined,
      persons({ username: 'bob', uid: 'another' }, BOB),
    ],
    [
      'the sixteen newest',
      anUpdate(one({ [CHANGED_BY]: persons(...many(16)) }), other(), { user: BOB }),
      undefined,
      persons(...many(16).slice(1), BOB),
    ],
    [
      'the executor alone, once it made an approved change',
      anUpdate(one({ ...stored, [CHANGED_BY]: persons(ALICE, BOB) }), other(stored), { user: EXECUTOR }),
      person(ALICE),
      persons(EXECUTOR),
    ],
    [
      'who was there, when the executor changes nothing',
      anUpdate(one({ ...stored, [CHANGED_BY]: persons(ALICE, BOB) }), one(stored), { user: EXECUTOR }),
      person(ALICE),
      persons(ALICE, BOB),
    ],
    [
      'a person by what tells them from others, whatever their username',
      anUpdate(one(stored), other(stored), {
        user: { username: 'bob-2', uid: '', extra: { 'example.com/id': ['bob'], other: ['x'] } },
      }),
      person(ALICE),
      `[${person(ALICE)},{"username":"bob-2","uid":"","person":"bob"}]`,
    ],
    [
      'who changes it, after no JSON',
      anUpdate(one({ [CHANGED_BY]: '{' }), other(), { user: BOB }),
      undefined,
      persons(BOB),
    ],
    [
      'who changes it, after no list',
      anUpdate(one({ [CHANGED_BY]: '{}' }), other(), { user: BOB }),
      undefined,
      persons(BOB),
    ],
    [
      'who changes it, after entries that are none',
      anUpdate(
        one({ [CHANGED_BY]: '[1,null,{"username":"x"},{"username":"y","uid":"","more":1}]' }),
        other(),
        { user: BOB },
      ),
      undefined,
      persons({ username: 'y', uid: '' }, BOB),
    ],
  ])('name %s', (_reason, request, createdBy, changedBy) => {
    const settings = { executor: EXECUTOR.username, personKey: 'example.com/id' };
    expect(dueStamps(request, settings)).toEqual({ createdBy, changedBy });
  });
});

describe('the patch', () => {
  const stamps = { createdBy: 'c', changedBy: 'd' };
  const path = '/metadata/annotations/mcp.kilocode.ai~1';
  it.each<
    [string, object, { createdBy: string | undefined; changedBy: string | undefined }, readonly object[]]
  >([
    [
      'makes annotations where there are none',
      one(),
      stamps,
      [{ op: 'add', path: '/metadata/annotations', value: { [CREATED_BY]: 'c', [CHANGED_BY]: 'd' } }],
    ],
    [
      'leaves other annotations alone',
      one({ note: 'x' }),
      stamps,
      [
        { op: 'add', path: `${path}created-by`, value: 'c' },
        { op: 'add', path: `${path}changed-by`, value: 'd' },
      ],
    ],
    [
      'touches only what differs',
      one({ [CREATED_BY]: 'c', [CHANGED_BY]: 'x' }),
      stamps,
      [{ op: 'add', path: `${path}changed-by`, value: 'd' }],
    ],
    ['is empty when all is well', one({ [CREATED_BY]: 'c', [CHANGED_BY]: 'd' }), stamps, []],
    [
      'takes away what must not be there',
      one({ [CREATED_BY]: 'c' }),
      { createdBy: undefined, changedBy: undefined },
      [{ op: 'remove', path: `${path}created-by` }],
    ],
    ['makes no empty annotations', one(), { createdBy: undefined, changedBy: undefined }, []],
  ])('%s', (_reason, object, due, expected) => {
    expect(stampPatch(aRequest(object).object, due)).toEqual(expected);
  });
});

describe('specs', () => {
  it.each<[string, object, object, boolean]>([
    ['in another order', { spec: { a: 1, b: [1, 2] } }, { spec: { b: [1, 2], a: 1 } }, true],
    ['with another list', { spec: { b: [1, 2] } }, { spec: { b: [2, 1] } }, false],
    ['with other metadata', { metadata: { labels: {} }, spec: {} }, { spec: {} }, true],
    ['that are missing', {}, {}, true],
    ['of which one is missing', {}, { spec: {} }, false],
  ])('%s are the same or not', (_reason, before, after, same) => {
    expect(isSameSpec(aRequest(before).object, aRequest(after).object)).toBe(same);
  });
});
