import { expect, it } from 'vitest';
import { lastChangedBy, readPersons } from './stamps.ts';

const CHANGED_BY = 'mcp.kilocode.ai/changed-by';
const persons = '[{"username":"alice","uid":""},{"username":"bob","uid":"1"}]';

it.each<[string, string | undefined, readonly object[]]>([
  ['what admission writes', persons, JSON.parse(persons) as readonly object[]],
  [
    'a person who is known by more than the username',
    '[{"username":"alice","uid":"","person":"7"}]',
    [{ username: 'alice', uid: '', person: '7' }],
  ],
  ['a person that is none', '[{"username":"alice","uid":"","person":7}]', []],
  ['nothing', undefined, []],
  ['no JSON', '[', []],
  ['no list', '{"username":"alice","uid":""}', []],
  [
    'a list with other things in it',
    '[1,null,"x",{"username":"alice"},{"username":"bob","uid":"1","more":true}]',
    [{ username: 'bob', uid: '1' }],
  ],
])('reads %s', (_reason, text, expected) => {
  expect(readPersons(text)).toEqual(expected);
});

it('tells who was the last, and nobody where nobody is named', () => {
  expect(lastChangedBy({ [CHANGED_BY]: persons })).toBe('bob');
  expect(lastChangedBy({ [CHANGED_BY]: '[]' })).toBe('');
  expect(lastChangedBy({})).toBe('');
  expect(lastChangedBy(undefined)).toBe('');
});
