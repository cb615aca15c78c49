/**
 * Kubernetes' own cases of the newest profiles, judged by ours: the same verdicts, for the same reason. Go fetches them, as it fetches the
 * sources of the test cluster; without it these tests fail.
 */
import { describe, expect, it } from 'vitest';
import { NEWEST_MINOR, readPodSecurityCases } from '../../test/harness/pod-security-cases.ts';
import { evaluatePodSecurity } from './index.ts';
import { PROFILES } from './profiles.ts';

const cases = await readPodSecurityCases(NEWEST_MINOR);
const passing = cases.filter(({ verdict }) => verdict === 'pass');
const failing = cases.filter(({ verdict }) => verdict === 'fail');

/** What some pods also break: the API demands a host network of a host process, and escalation of a privileged container. */
const ALSO: Readonly<Record<string, string>> = {
  'baseline/fail/windowshostprocess0': 'hostNamespaces',
  'baseline/fail/windowshostprocess1': 'hostNamespaces',
  'restricted/fail/windowshostprocess0': 'hostNamespaces',
  'restricted/fail/windowshostprocess1': 'hostNamespaces',
  'restricted/fail/privileged0': 'allowPrivilegeEscalation',
  'restricted/fail/privileged1': 'allowPrivilegeEscalation',
  // The container has no security context at all.
  'restricted/fail/allowprivilegeescalation3': 'capabilities_restricted',
};

describe('the cases of upstream', () => {
  it('were read: there are many, and every control of both profiles has one that fails', () => {
    expect(passing.length).toBeGreaterThanOrEqual(35);
    expect(failing.length).toBeGreaterThanOrEqual(110);
    for (const [level, controls] of Object.entries(PROFILES)) {
      const named = failing.filter((each) => each.level === level).map(({ control }) => control);
      expect(named).toEqual(expect.arrayContaining(controls.map(({ id }) => id.toLowerCase())));
    }
  });

  it.each(passing)('$name', ({ level, pod }) => {
    expect(evaluatePodSecurity(level, pod)).toEqual([]);
  });

  it.each(failing)('$name', ({ name, level, control, pod }) => {
    const refusing = PROFILES[level].find(
      ({ id, overrides }) => id.toLowerCase() === control || overrides?.toLowerCase() === control,
    );
    const id = refusing?.id ?? `no control of ours is called ${control}`;
    const expected = [id, ...(ALSO[name] === undefined ? [] : [ALSO[name]])];
    const controls = new Set(evaluatePodSecurity(level, pod).map((finding) => finding.control));
    expect([...controls].toSorted()).toEqual(expected.toSorted());
  });
});
