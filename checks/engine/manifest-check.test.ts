import { describe, expect, it } from 'vitest';
import { CHECK_RULES } from '../catalogue.ts';
import { MANIFEST_CHECKS } from '../manifest-checks.ts';
import type { Subject } from '../subject.ts';
import { aRemoteSubject, aSubject } from '../testing/subjects.ts';
import type { ServerFacts } from './facts.ts';
import { runCheck } from './run-check.ts';
import { aDeclaration } from './testing/checks.ts';

function factsOf(subject: Subject | undefined): ServerFacts {
  return {
    server: { namespace: 'team-a', name: 'github', uid: 'uid-1' },
    declared: aDeclaration('http://server/mcp', { source: 'pods' }),
    openings: {},
    replicas: [],
    ...(subject !== undefined && { subject }),
  };
}

const { signal } = new AbortController();
const ids = MANIFEST_CHECKS.map(({ id }) => id);

async function outcomes(subject: Subject | undefined): Promise<Readonly<Record<string, string>>> {
  const verdicts = await Promise.all(
    MANIFEST_CHECKS.map(async (check) => {
      return [check.id, (await runCheck(check, factsOf(subject), {}, signal)).outcome] as const;
    }),
  );
  return Object.fromEntries(verdicts);
}

describe('rules on manifests as checks', () => {
  it('say what the rule says', async () => {
    const subject = aSubject({
      source: { image: { ref: 'ghcr.io/a/b:1' } },
      env: [{ name: 'API_TOKEN', value: 'ghp_16C7e42F292c6912E7710c838347Ae178B4a' }],
    });
    for (const [index, check] of MANIFEST_CHECKS.entries()) {
      const findings = CHECK_RULES[index]?.evaluate(subject) ?? [];
      const verdict = await runCheck(check, factsOf(subject), {}, signal);
      expect(verdict.outcome).toBe(findings.length === 0 ? 'Pass' : 'Fail');
      expect(verdict.findings).toEqual(findings);
    }
    expect(await outcomes(subject)).toMatchObject({
      'MCP-C01': 'Fail',
      'MCP-C05': 'Fail',
      'MCP-W06': 'Pass',
    });
  });

  it('name the field in a message without its value', async () => {
    const check = MANIFEST_CHECKS.find(({ id }) => id === 'MCP-C01');
    if (check === undefined) throw new Error('there is no MCP-C01');
    const subject = aSubject({ source: { image: { ref: 'ghcr.io/a/b:1' } } });
    const { message } = await runCheck(check, factsOf(subject), {}, signal);
    expect(message).toMatch(/^spec\.source\.image\.ref: /);
    expect(message).not.toContain('ghcr.io/a/b');
  });

  it('do not apply to servers that somebody else runs, but for literal secrets', async () => {
    const expected = Object.fromEntries(ids.map((id) => [id, id === 'MCP-C05' ? 'Pass' : 'NotApplicable']));
    expect(await outcomes(aRemoteSubject())).toEqual(expected);
  });

  it('do not apply where only an address is known', async () => {
    expect(await outcomes(undefined)).toEqual(Object.fromEntries(ids.map((id) => [id, 'NotApplicable'])));
  });
});
