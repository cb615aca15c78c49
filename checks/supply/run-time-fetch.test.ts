import { describe, expect, it } from 'vitest';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';
import { aServer } from '../../render/testing/a-server.ts';
import { subjectOf } from '../subject.ts';
import { runTimeFetch } from './run-time-fetch.ts';

type Spec = NonNullable<Parameters<typeof aServer>[0]>;

const findingsOf = (spec: Spec) =>
  runTimeFetch.evaluate(subjectOf(aServer(spec), { name: 'team-a', labels: {} }, DEFAULT_RENDER_SETTINGS));
const shell = (script: string) => ['sh', '-c', script];
const COMMIT = '0123456789abcdef0123456789abcdef01234567';

const FETCHES: readonly (readonly [reason: string, command: readonly string[], found: string])[] = [
  ['npx', ['npx', '-y', '@modelcontextprotocol/server-github'], 'npx @modelcontextprotocol/server-github'],
  ['npx by its path', ['/usr/local/bin/npx', 'server'], 'npx server'],
  ['npx with a tag', ['npx', 'server@latest'], 'npx server@latest'],
  ['npx with a range', ['npx', 'server@^1.2.0'], 'npx server@^1.2.0'],
  ['npx with half a version', ['npx', 'server@1'], 'npx server@1'],
  ['npx with a package beside its program', ['npx', '-p', 'pack', 'program'], 'npx pack'],
  ['npx of a branch', ['npx', 'github:org/server#main'], 'npx github:org/server#main'],
  ['npm exec', ['npm', 'exec', '--yes', '--', 'server'], 'npm exec server'],
  ['pnpm dlx', ['pnpm', 'dlx', 'server'], 'pnpm dlx server'],
  ['bunx', ['bunx', '--bun', 'server'], 'bunx server'],
  ['npm install', ['npm', 'install', '-g', 'a@1.0.0', 'b'], 'npm install b'],
  ['npm install of a manifest', ['npm', 'install'], 'npm install'],
  ['uvx', ['uvx', 'mcp-server-git'], 'uvx mcp-server-git'],
  ['uvx of the latest', ['uvx', 'mcp-server-git@latest'], 'uvx mcp-server-git@latest'],
  [
    'uvx from a repository',
    ['uvx', '--from', 'git+https://github.com/a/b', 'b'],
    'uvx git+https://github.com/a/b',
  ],
  ['uvx with one more package', ['uvx', '--with', 'extra', 'server==1.0'], 'uvx extra'],
  ['uv tool run', ['uv', 'tool', 'run', 'server'], 'uv tool run server'],
  ['uv run with a package', ['uv', 'run', '--with', 'fastmcp', 'server.py'], 'uv run fastmcp'],
  ['pipx', ['pipx', 'run', 'server'], 'pipx run server'],
  ['pip install', shell('pip install --upgrade server && server'), 'pip install server'],
  ['pip of a range', shell('pip install "server>=1.0" && server'), 'pip install server>=1.0'],
  ['pip of a wildcard', shell('pip install server==1.*'), 'pip install server==1.*'],
  ['pip of a list', ['pip3.12', 'install', '-r', 'requirements.txt'], 'pip3 install -r requirements.txt'],
  ['pip of a module', ['python3', '-m', 'pip', 'install', 'server'], 'python3 -m pip install server'],
  ['go run', ['go', 'run', 'example.com/server@latest'], 'go run example.com/server@latest'],
  ['deno', ['deno', 'run', '-A', 'npm:server'], 'deno run npm:server'],
  ['apk', shell('apk add --no-cache curl && exec server'), 'apk add curl'],
  ['apt with a flag first', shell('apt-get -y install curl'), 'apt-get install curl'],
  ['curl to a shell', shell('curl -fsSL https://example.com/install.sh | sh'), 'curl | sh'],
  ['wget to a shell', shell('wget -qO- https://example.com/i | bash -s -- --yes'), 'wget | bash'],
  ['curl to a shell with rights', shell('curl https://example.com/i | sudo -E bash -'), 'curl | bash'],
  ['curl through something to a shell', shell('curl https://example.com/i | gunzip | sh'), 'curl | sh'],
  ['curl to Python', shell('curl https://example.com/i.py | python3 -'), 'curl | python3'],
  ['a shell of the output of curl', shell('sh -c "$(curl -fsSL https://example.com/i)"'), 'curl | sh'],
  ['a shell that reads curl', shell('bash <(curl -s https://example.com/i)'), 'curl | bash'],
  ['eval', shell('eval "$(curl -s https://example.com/i)"'), 'curl | eval'],
  ['a script without its shell', ['-c', 'npx server'], 'npx server'],
  ['a login shell', ['bash', '-lc', 'exec npx server'], 'npx server'],
  ['a shell in a shell', shell(`bash -c 'npx server'`), 'npx server'],
  ['behind a condition', shell('if ! command -v server; then npm i -g server; fi'), 'npm i server'],
  ['behind an assignment', shell('NODE_ENV=production npx server'), 'npx server'],
  ['behind a wrapper', ['tini', '-s', '--', 'npx', 'server'], 'npx server'],
  ['behind env', ['env', 'A=b', 'npx', 'server'], 'npx server'],
  ['behind a proxy', ['mcp-proxy', '--port=8080', '--', 'npx', '-y', 'server'], 'npx server'],
  ['behind a proxy without dashes', ['mcp-proxy', '--port', '8080', 'uvx', 'server'], 'uvx server'],
  ['in an argument of a proxy', ['supergateway', '--stdio', 'npx -y server /data'], 'npx server'],
  ['in an argument with an assignment', ['proxy', 'DEBUG=1 npx -y server'], 'npx server'],
  ['twice', shell('npx a && npx b'), 'npx a, npx b'],
  ['a version that is not known', shell('npx "server@${VERSION}"'), 'npx server@${VERSION}'],
  [
    'a package whose address holds a token',
    ['uvx', '--from', 'git+https://u:hunter2@example.com/a', 'b'],
    'uvx',
  ],
];

const NO_FETCHES: readonly (readonly [reason: string, command: readonly string[]])[] = [
  ['nothing', []],
  ['a program', ['node', 'server.js']],
  ['npx of an exact version', ['npx', '-y', '@scope/server@1.2.3', '--root', '/data']],
  ['npx of a pre-release', ['npx', 'server@1.2.3-beta.1']],
  ['npx of a commit', ['npx', `github:org/server#${COMMIT}`]],
  ['npx of an exact package beside its program', ['npx', '--package=pack@1.2.3', 'program']],
  ['npx that fetches nothing', ['npx', '--no-install', 'server']],
  ['npx of what is there', ['npx', './server']],
  ['npm ci', shell('npm ci --omit=dev && npm start')],
  ['npm run', ['npm', 'run', 'start']],
  ['a frozen lockfile', ['pnpm', 'install', '--frozen-lockfile']],
  ['uvx of an exact version', ['uvx', 'mcp-server-git==2025.1.14']],
  ['uvx of an exact version with at', ['uvx', '--python', '3.12', 'server[extra]@1.0.0', '--flag', 'latest']],
  ['uvx of a commit', ['uvx', '--from', `git+https://github.com/a/b@${COMMIT}`, 'b']],
  ['uv run of what is there', ['uv', 'run', '--frozen', 'server']],
  ['pip of exact versions', shell('pip install a==1.0 "b[c]==2.0"')],
  ['pip of hashes', shell('pip install --require-hashes -r requirements.txt')],
  ['pip of what is there', shell('pip install --no-deps /wheels/server.whl . -e ./lib')],
  ['go of an exact version', ['go', 'run', 'example.com/server@v1.2.3']],
  ['go of what is there', ['go', 'run', '.']],
  ['deno of an exact version', ['deno', 'run', 'jsr:@scope/server@1.2.3']],
  ['deno of what is there', ['deno', 'run', '--allow-net', 'main.ts']],
  ['a system package of an exact version', shell('apk add --no-cache curl=8.5.0-r0')],
  ['curl to a file', shell('curl -fsS https://example.com/data.json -o /tmp/data.json; exec server')],
  ['curl to a program', shell('curl -s https://example.com/data | jq .version')],
  ['curl to Python for its data', shell('curl -s http://x/ | python3 -m json.tool')],
  ['curl to a script', shell('curl -s http://x/ | python3 read.py')],
  ['the output of curl as an argument', shell('exec server --region "$(curl -s http://x/region)"')],
  ['the output of curl in a variable', shell('REGION=$(curl -s http://x/region) exec server')],
  ['the output of curl for a script', shell('python3 read.py --region "$(curl -s http://x/)"')],
  ['asking for npx', shell('command -v npx && which uvx; exec server')],
  ['a list of allowed programs', ['server', '--allow', 'npm,npx,curl']],
  ['running text', ['server', '--instructions', 'Use npx or pip install to add packages; curl | sh is bad']],
  ['a quoted script that is only printed', shell(`echo 'curl http://x | sh'`)],
];

describe('MCP-C04', () => {
  it.each<readonly [string, readonly string[], string]>(FETCHES)('finds %s', (_reason, command, found) => {
    const values = findingsOf({ command: [...command] }).map(({ value }) => value);
    expect(values.join(', ')).toBe(found);
  });

  it.each<readonly [string, readonly string[]]>(NO_FETCHES)('lets pass: %s', (_reason, command) => {
    expect(findingsOf({ command: [...command] })).toEqual([]);
  });

  const PLACES: readonly (readonly [place: string, spec: Spec, path: string])[] = [
    ['command', { command: ['npx', 'server'] }, 'spec.command[0]'],
    ['args', { args: ['npx', 'server'] }, 'spec.args[0]'],
    ['args of a shell in command', { command: ['sh', '-c'], args: ['npx server'] }, 'spec.args[0]'],
    ['args behind a proxy', { command: ['proxy'], args: ['--', 'npx', 'server'] }, 'spec.args[1]'],
    [
      'an init container',
      { podTemplate: { spec: { initContainers: [{ name: 'fetch', image: 'f', args: ['uvx', 'server'] }] } } },
      'spec.podTemplate.spec.initContainers[name=fetch].args[0]',
    ],
  ];
  it.each(PLACES)('names the field: %s', (_place, spec, path) => {
    expect(findingsOf(spec).map((finding) => finding.path)).toEqual([path]);
  });
});
