import { defineCheck } from '../check.ts';
import { literalSecretsOf } from '../secrets/index.ts';

/** MCP-C05: the class of what was found stands in the finding, the value never. */
export const literalSecrets = defineCheck(
  {
    id: 'MCP-C05',
    severity: 'high',
    title: 'no secret is written down in the environment, the command line or the URL of a server',
    references: ['OWASP MCP Top 10: MCP01', 'CIS Kubernetes 5.4.1'],
  },
  (subject) =>
    literalSecretsOf(subject).map(({ path, secretClass }) => ({
      path,
      value: secretClass,
      message: 'Everybody who may read the MCPServer can read this secret.',
      fix: 'Move it to a Secret and refer to it by valueFrom.secretKeyRef, or by $(NAME) in an argument; then replace it, since it was seen.',
    })),
);
