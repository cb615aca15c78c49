/** `examples/compliance/mcp-baseline-v1.yaml`: the profile that comes with the program, as an object to apply. */
import { stringify } from 'yaml';
import { GROUP, VERSION, complianceProfileResource } from '../../api/index.ts';
import { MCP_BASELINE_V1 } from '../../checks/profiles/mcp-baseline-v1.ts';
import { CHECKS } from '../../checks/registry.ts';
import type { Generator } from './generator.ts';

const PATH = 'examples/compliance/mcp-baseline-v1.yaml';

const HEADER = `# The profile that comes with the operator: every check of version 1 of the catalogue. See docs/compliance.md.
# Generated from checks/profiles by make generate; do not edit. It never changes: what is added later comes in mcp-baseline-v2.
`;

export const complianceProfile: Generator = {
  name: 'compliance-profile',
  outputs: () => Promise.resolve({ [PATH]: HEADER + body() }),
};

function body(): string {
  const { name, checks } = MCP_BASELINE_V1;
  const head = stringify({
    apiVersion: `${GROUP}/${VERSION}`,
    kind: complianceProfileResource.kind,
    metadata: { name },
  });
  const lines = checks.map(({ id }) => `    - id: ${id} # ${titleOf(id)}`);
  return `${head}spec:\n  checks:\n${lines.join('\n')}\n`;
}

function titleOf(id: string): string {
  const check = CHECKS.find((candidate) => candidate.id === id);
  if (check === undefined) throw new Error(`the profile names ${id}, which is not in the registry`);
  return `${check.severity}: ${check.title}`;
}
