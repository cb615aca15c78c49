import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** Logging goes to the process's own standard error, so it is observed from outside of one. */
function linesOf(script: string): unknown[] {
  const source = `import { createLogger } from './core/logger.ts'; import { Secret } from './core/secret.ts'; ${script}`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
    encoding: 'utf8',
  });
  expect(stdout).toBe('');
  return stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

it('writes one JSON object a line to standard error, with the fields of every parent', () => {
  const lines = linesOf(
    `const log = createLogger({ level: 'info' }).child({ controller: 'mcpserver' });
     log.debug('not shown'); log.info('applied', { key: 'team-a/github', token: new Secret('hunter2') });`,
  );
  expect(lines).toEqual([
    {
      level: 'info',
      message: 'applied',
      controller: 'mcpserver',
      key: 'team-a/github',
      token: '[secret]',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    },
  ]);
});

it('writes errors with their causes', () => {
  const [line] = linesOf(
    `createLogger({ level: 'info' }).error('failed', { error: new Error('outer', { cause: new Error('inner') }) });`,
  );
  expect(line).toMatchObject({ error: { message: 'outer', cause: { message: 'inner' } } });
});
