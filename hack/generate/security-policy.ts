/**
 * The regions of `docs/security-policy.md` that follow from code: the rules, and what each policy of `examples/policies/` says of the
 * server that it refuses.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { POLICY_RULES, type Violation } from '../../checks/index.ts';
import { fillRegion } from './chart/markdown.ts';
import type { Generator } from './generator.ts';
import { type PolicyExample, policyExamples } from './policy-examples.ts';

const PAGE = 'docs/security-policy.md';
const EXAMPLES = '../examples/policies';

export const securityPolicyPage: Generator = {
  name: 'security-policy',
  outputs: async () => {
    const path = fileURLToPath(new URL(`../../${PAGE}`, import.meta.url));
    const written = readFileSync(path, 'utf8');
    const filled = fillRegion(
      fillRegion(written, 'rules', rules()),
      'refused',
      policyExamples().map(section).join('\n\n'),
    );
    return { [PAGE]: await format(filled, { ...(await resolveConfig(path)), filepath: path }) };
  },
};

function rules(): string {
  const rows = POLICY_RULES.map(({ id, severity, title }) => `| \`${id}\` | ${severity} | ${title} |`);
  return ['| Field | Severity | What it asks for |', '| --- | --- | --- |', ...rows].join('\n');
}

function section({ name, violations }: PolicyExample): string {
  const files = `[${name}.yaml](${EXAMPLES}/${name}.yaml) says of [refused/${name}.yaml](${EXAMPLES}/refused/${name}.yaml):`;
  return [`### ${name}`, '', files, '', '```text', ...violations.map(violationLine), '```'].join('\n');
}

/** @returns a violation on one line: whose rule, where, what stands there, what is wrong, and what makes it right. */
export function violationLine({ policy, rule, path, value, message, fix }: Violation): string {
  return `policy ${policy}, ${rule}: ${path} (${value}): ${message} ${fix}`;
}
