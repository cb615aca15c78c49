import { expect, it } from 'vitest';
import { aPolicy, aRemoteSubject, aSubject } from '../../testing/subjects.ts';
import { evaluatePolicy } from '../evaluate.ts';

const policy = aPolicy({ secrets: { denyLiterals: true } });
const LITERAL = 'hunter2-hunter2';

it('admits references', () => {
  const env = [{ name: 'API_TOKEN', valueFrom: { secretKeyRef: { name: 'weather', key: 'token' } } }];
  expect(evaluatePolicy(policy, aSubject({ env, args: ['--token', '$(API_TOKEN)'] }))).toEqual([]);
});

it.each([
  {
    reason: 'a variable',
    subject: aSubject({ env: [{ name: 'API_TOKEN', value: LITERAL }] }),
    path: 'spec.env[name=API_TOKEN].value',
    fix: 'Put it into a Secret, and set valueFrom.secretKeyRef in place of value.',
  },
  {
    reason: 'an argument',
    subject: aSubject({ args: ['--token', LITERAL] }),
    path: 'spec.args[1]',
    fix: 'Put it into a Secret, make a variable of it with valueFrom.secretKeyRef, and write $(VARIABLE) here.',
  },
  {
    reason: 'a URL',
    subject: aRemoteSubject(`https://mcp.example.com/mcp?api_key=${LITERAL}`),
    path: 'spec.source.remote.url',
    fix: 'Put it into a Secret, and have it sent in a header by source.remote.headersFrom.',
  },
])('refuses $reason that holds a secret, and does not repeat it', ({ subject, path, fix }) => {
  const violations = evaluatePolicy(policy, subject);
  expect(violations).toEqual([
    {
      policy: 'strict',
      rule: 'secrets.denyLiterals',
      severity: 'high',
      path,
      value: 'literal under the name of a secret',
      message: 'This looks like a secret, and everybody who may read this object could read it.',
      fix,
    },
  ]);
  expect(JSON.stringify(violations)).not.toContain(LITERAL);
});

it('asks for nothing when it is false', () => {
  const subject = aSubject({ env: [{ name: 'API_TOKEN', value: LITERAL }] });
  expect(evaluatePolicy(aPolicy({ secrets: { denyLiterals: false } }), subject)).toEqual([]);
});
