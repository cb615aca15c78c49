/** Builds checks and facts for tests from the few fields that a test is about. */
import type { Check } from '../check.ts';
import type { Declared } from '../context.ts';

/** A check that passes, asks nothing and applies everywhere. */
export function aCheck(check: Partial<Check> = {}): Check {
  return {
    id: 'MCP-P99',
    family: 'P',
    title: 'something holds',
    severity: 'medium',
    eras: ['legacy', 'modern'],
    scored: true,
    cost: { requests: 0 },
    rationale: 'It matters.',
    remediation: { kind: 'none', text: 'Do it.' },
    references: [],
    applies: () => ({ applies: true }),
    run: () => ({ outcome: 'Pass', message: 'It holds.' }),
    ...check,
  };
}

/** A server of which only the address is known. */
export function aDeclaration(url: string, declared: Partial<Declared> = {}): Declared {
  return {
    source: 'url',
    transport: 'StreamableHTTP',
    url,
    authRequired: false,
    exposed: false,
    issuers: [],
    hasCredential: false,
    ...declared,
  };
}
