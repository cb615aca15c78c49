/**
 * `npx kilo-mcp probe` against a server that runs in the cluster, as a person would type it.
 */
import { expect, it } from 'vitest';
import { DEMO_NAMESPACE, kubectl, runProgram } from '../cluster.ts';

export function commandLineScenario(): void {
  it('npx kilo-mcp probe URL --output json describes a running server', async () => {
    const url = await everythingURL();
    const { exitCode, output } = await runProgram('npx', ['kilo-mcp', 'probe', url, '--output', 'json']);
    expect(exitCode, output).toBe(0);
    const description: Record<string, unknown> = JSON.parse(output.slice(output.indexOf('{')));
    expect(description).toMatchObject({
      era: 'legacy',
      protocolVersion: expect.stringMatching(/^2025-/),
      serverInfo: { name: 'mcp-servers/everything' },
      capabilities: { tools: expect.anything() },
      tools: 13,
      prompts: expect.any(Number),
      resources: expect.any(Number),
    });
    const inStatus = ['get', 'mcpserver', 'everything', '-o', 'jsonpath={.status.definitions.hash}'];
    expect(description['hash']).toBe(await kubectl([...inStatus, '-n', DEMO_NAMESPACE]));
  });

  it('and says what is wrong with a server that is none', async () => {
    const url = (await everythingURL()).replace('/mcp', '/wrong');
    const { exitCode, output } = await runProgram('npx', ['kilo-mcp', 'probe', url]);
    expect(exitCode).not.toBe(0);
    expect(output).toContain('404');
  });
}

/** The Service's own address: this machine does not ask the cluster's DNS. */
async function everythingURL(): Promise<string> {
  const address = ['get', 'service', 'mcp-everything', '-o', 'jsonpath={.spec.clusterIP}'];
  return `http://${await kubectl([...address, '-n', DEMO_NAMESPACE])}:3001/mcp`;
}
