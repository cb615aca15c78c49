import { describe, expect, it } from 'vitest';
import { SECURITY_POLICY_PERMISSIONS } from './permissions.ts';

const rights = SECURITY_POLICY_PERMISSIONS.flatMap(({ resources, verbs, resourceNames = [''] }) =>
  resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource} ${resourceNames.join()}`.trim())),
);

describe('the rights of the controller', () => {
  it('let it neither change nor delete a policy', () => {
    expect(rights.filter((right) => right.includes(' mcpsecuritypolicies'))).toEqual([
      'list mcpsecuritypolicies',
      'watch mcpsecuritypolicies',
      'create mcpsecuritypolicies',
      'patch mcpsecuritypolicies/status',
    ]);
  });

  it('hold nothing over servers', () => {
    expect(rights.filter((right) => right.includes('mcpservers'))).toEqual([]);
  });

  it('reach ConfigMaps in its own namespace only, and read the one', () => {
    const onConfigMaps = SECURITY_POLICY_PERMISSIONS.filter(({ resources }) =>
      resources.includes('configmaps'),
    );
    expect(onConfigMaps.every(({ isOwnNamespace }) => isOwnNamespace)).toBe(true);
    expect(rights.filter((right) => right.includes('configmaps'))).toEqual([
      'get configmaps mcp-operator-default-policy',
      'create configmaps',
    ]);
  });
});
