/** Names of the control frameworks that findings are mapped to. */

const TITLES: Readonly<Record<string, string>> = {
  'nist-800-53-r5': 'NIST SP 800-53 Rev. 5',
  'nist-800-53': 'NIST SP 800-53',
  'owasp-mcp': 'OWASP MCP Top 10',
  'owasp-mcp-top-10': 'OWASP MCP Top 10',
  aisvs: 'OWASP AISVS',
  'owasp-aisvs': 'OWASP AISVS',
  'cis-kubernetes': 'CIS Kubernetes Benchmark',
};

/** @returns what people call the framework; its key where we do not know it. */
export function frameworkTitle(framework: string): string {
  return TITLES[framework] ?? framework;
}
