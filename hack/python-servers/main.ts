/**
 * Probes servers of the official Python package, one of each major version over each transport: the other half of the servers
 * that there are. Not part of `make test`, because it needs Python 3 with `venv` and the Python package index.
 */
import { deepEqual, equal } from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { probe, type ProbeTransport, type ProtocolEra } from '../../mcp/index.ts';
import { startServer } from '../../test/harness/mcp/child.ts';
import { installPythonMcp } from './install.ts';

const DEFINITIONS = `
@mcp.tool()
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b

@mcp.resource("greeting://{name}")
def greeting(name: str) -> str:
    """A greeting."""
    return f"Hello {name}"
`;

const PROGRAMS = {
  '1.30.0': `
import sys
from mcp.server.fastmcp import FastMCP
mcp = FastMCP("python", host="127.0.0.1", port=int(sys.argv[1]))
${DEFINITIONS}
mcp.run(transport=sys.argv[2])
`,
  '2.3.0': `
import sys
from mcp.server.mcpserver import MCPServer
mcp = MCPServer("python")
${DEFINITIONS}
mcp.run(transport=sys.argv[2], host="127.0.0.1", port=int(sys.argv[1]))
`,
} as const;

interface Row {
  readonly version: keyof typeof PROGRAMS;
  readonly transport: ProbeTransport;
  readonly era: ProtocolEra;
}

const ROWS: readonly Row[] = [
  { version: '1.30.0', transport: 'StreamableHTTP', era: 'legacy' },
  { version: '1.30.0', transport: 'SSE', era: 'legacy' },
  { version: '2.3.0', transport: 'StreamableHTTP', era: 'dual' },
  { version: '2.3.0', transport: 'SSE', era: 'legacy' },
];

const [MODE, PATH] = [
  { StreamableHTTP: 'streamable-http', SSE: 'sse' },
  { StreamableHTTP: '/mcp', SSE: '/sse' },
];

async function check({ version, transport, era }: Row, directory: string): Promise<void> {
  const python = await installPythonMcp(version);
  const script = join(directory, `${version}.py`);
  await writeFile(script, PROGRAMS[version]);
  await using server = await startServer((port) => ({
    command: python,
    args: [script, String(port), MODE[transport]],
  }));
  const url = `${server.origin}${PATH[transport]}`;
  const outcome = await probe({ url, transport }, { timeoutMs: 10_000 });
  if (outcome.kind !== 'verified') throw new Error(JSON.stringify(outcome));
  const { tools, resourceTemplates, serverInfo, era: spoken } = outcome.description;
  equal(spoken, era);
  equal(serverInfo.name, 'python');
  deepEqual(
    [...tools, ...resourceTemplates].map(({ name }) => name),
    ['add', 'greeting'],
  );
}

const directory = await mkdtemp(join(tmpdir(), 'python-servers-'));
try {
  for (const row of ROWS) {
    await check(row, directory);
    console.log(`mcp ${row.version} over ${row.transport}: ${row.era}`);
  }
} finally {
  await rm(directory, { recursive: true });
}
