import { describe, expect, it } from 'vitest';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';
import { aRemoteServer, aServer } from '../../render/testing/a-server.ts';
import { subjectOf, type Subject } from '../subject.ts';
import { literalSecretsOf } from './literals.ts';

type Spec = NonNullable<Parameters<typeof aServer>[0]>;

const subject = (server: Subject['server']): Subject =>
  subjectOf(server, { name: 'team-a', labels: {} }, DEFAULT_RENDER_SETTINGS);
const pathsOf = (spec: Spec) => literalSecretsOf(subject(aServer(spec))).map(({ path }) => path);
const beside = (container: object) => ({
  podTemplate: { spec: { containers: [{ name: 'proxy', image: 'p', ...container }] } },
});

const CASES: readonly (readonly [place: string, spec: Spec, path: string])[] = [
  ['env', { env: [{ name: 'DB_PASSWORD', value: 'hunter2' }] }, 'spec.env[name=DB_PASSWORD].value'],
  ['args', { args: ['--port', '80', '--api-key=abc123'] }, 'spec.args[2]'],
  ['args, after a flag', { args: ['--api-key', 'abc123'] }, 'spec.args[1]'],
  ['command', { command: ['sh', '-c', 'TOKEN=abc123 exec serve'] }, 'spec.command[2]'],
  ['args after a flag in command', { command: ['serve', '--token'], args: ['abc123'] }, 'spec.args[0]'],
  [
    'env of a container beside the server',
    beside({ env: [{ name: 'API_TOKEN', value: 'abc123' }] }),
    'spec.podTemplate.spec.containers[name=proxy].env[name=API_TOKEN].value',
  ],
  [
    'args of an init container',
    {
      podTemplate: { spec: { initContainers: [{ name: 'fetch', image: 'f', args: ['--token', 'abc123'] }] } },
    },
    'spec.podTemplate.spec.initContainers[name=fetch].args[1]',
  ],
  [
    'header of a probe',
    {
      podTemplate: {
        spec: {
          containers: [
            {
              name: 'server',
              readinessProbe: {
                httpGet: { port: 'mcp', httpHeaders: [{ name: 'X-Api-Key', value: 'abc123' }] },
              },
            },
          ],
        },
      },
    },
    'spec.podTemplate.spec.containers[name=server].readinessProbe.httpGet.httpHeaders[0].value',
  ],
  [
    'command of a probe',
    beside({ livenessProbe: { exec: { command: ['check', '--password', 'hunter2'] } } }),
    'spec.podTemplate.spec.containers[name=proxy].livenessProbe.exec.command[2]',
  ],
];

describe('literalSecretsOf', () => {
  it.each(CASES)('looks into %s', (_place, spec, path) => {
    expect(pathsOf(spec)).toEqual([path]);
  });

  it('looks into the address of a remote server', () => {
    const server = aRemoteServer('https://mcp.example.com/mcp?apiKey=abc123');
    expect(literalSecretsOf(subject(server))).toEqual([
      { path: 'spec.source.remote.url', secretClass: 'literal under the name of a secret' },
    ]);
    expect(literalSecretsOf(subject(aRemoteServer()))).toEqual([]);
  });

  it.each<readonly [string, Spec]>([
    ['nothing', {}],
    [
      'references',
      {
        env: [
          { name: 'API_TOKEN', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
          { name: 'AUTH_TOKEN', value: '$(API_TOKEN)' },
        ],
        args: ['--token', '$(API_TOKEN)', '--api-key', '--verbose', '--password-file', '/run/secrets/p'],
      },
    ],
  ])('finds nothing in %s', (_name, spec) => {
    expect(pathsOf(spec)).toEqual([]);
  });
});
