import { describe, expect, it } from 'vitest';
import { MCPSERVER_PERMISSIONS } from './permissions.ts';

describe('the rights of the controller', () => {
  const words = MCPSERVER_PERMISSIONS.flatMap(({ apiGroups, resources, verbs }) => [
    ...apiGroups,
    ...resources,
    ...verbs,
  ]);

  it.each([
    '*',
    'secrets',
    'pods/exec',
    'pods/log',
    'pods/attach',
    'escalate',
    'bind',
    'impersonate',
    'deletecollection',
  ])('do not hold %s', (word) => {
    expect(words).not.toContain(word);
  });

  it("do not let it write a user's spec", () => {
    const onServers = MCPSERVER_PERMISSIONS.filter(({ resources }) => resources.includes('mcpservers'));
    expect(onServers.flatMap(({ verbs }) => verbs)).toEqual(['list', 'watch']);
  });

  it('neither list nor watch ConfigMaps', () => {
    const onConfigMaps = MCPSERVER_PERMISSIONS.filter(({ resources }) => resources.includes('configmaps'));
    expect(onConfigMaps.flatMap(({ verbs }) => verbs)).toEqual(['get']);
  });
});
