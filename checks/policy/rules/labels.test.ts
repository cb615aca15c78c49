import { expect, it } from 'vitest';
import { aPolicy, aRemoteSubject, aSubject } from '../../testing/subjects.ts';
import { evaluatePolicy } from '../evaluate.ts';

const policy = aPolicy({ labels: { required: ['owner', 'example.com/data-class'] } });

it('admits a server that has them', () => {
  const labels = { owner: 'team-a', 'example.com/data-class': 'public', other: '' };
  expect(evaluatePolicy(policy, aSubject({}, { labels }))).toEqual([]);
});

it('refuses a server without them, and with empty ones', () => {
  expect(evaluatePolicy(policy, aSubject({}, { labels: { owner: '' } }))).toEqual([
    {
      policy: 'strict',
      rule: 'labels.required',
      severity: 'low',
      path: 'metadata.labels[owner]',
      value: 'empty',
      message: 'Servers need the label owner here.',
      fix: 'Add the label, with a value.',
    },
    expect.objectContaining({ path: 'metadata.labels[example.com/data-class]', value: 'unset' }),
  ]);
});

it('asks servers elsewhere too', () => {
  expect(evaluatePolicy(policy, aRemoteSubject())).toHaveLength(2);
});

it('takes for no label what every object inherits', () => {
  expect(
    evaluatePolicy(aPolicy({ labels: { required: ['constructor'] } }), aSubject({}, { labels: {} })),
  ).toHaveLength(1);
});
