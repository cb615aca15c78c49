import { describe, expect, it } from 'vitest';
import { aPolicy, aRemoteSubject, aSubject } from '../../testing/subjects.ts';
import { evaluatePolicy } from '../evaluate.ts';

it('has nothing to say about a server elsewhere', () => {
  const policy = aPolicy({ runtimeClasses: [], serviceAccounts: [], volumes: [] });
  expect(evaluatePolicy(policy, aRemoteSubject())).toEqual([]);
});

describe('runtimeClasses', () => {
  const policy = aPolicy({ runtimeClasses: ['gvisor', 'kata'] });
  const using = (runtimeClassName: string) => aSubject({ podTemplate: { spec: { runtimeClassName } } });

  it('admits one that is allowed', () => {
    expect(evaluatePolicy(policy, using('kata'))).toEqual([]);
  });

  it.each([
    {
      reason: 'none',
      subject: aSubject(),
      value: 'unset',
      message: 'The pods would run without a RuntimeClass, and share the kernel of their node.',
    },
    {
      reason: 'an empty one',
      subject: using(''),
      value: 'unset',
      message: 'The pods would run without a RuntimeClass, and share the kernel of their node.',
    },
    {
      reason: 'another one',
      subject: using('runc'),
      value: 'runc',
      message: 'This RuntimeClass is not allowed here.',
    },
  ])('refuses $reason', ({ subject, value, message }) => {
    expect(evaluatePolicy(policy, subject)).toEqual([
      {
        policy: 'strict',
        rule: 'runtimeClasses',
        severity: 'high',
        path: 'spec.podTemplate.spec.runtimeClassName',
        value,
        message,
        fix: 'Set it to gvisor or kata.',
      },
    ]);
  });

  it('refuses all pods when it is empty', () => {
    expect(evaluatePolicy(aPolicy({ runtimeClasses: [] }), using('gvisor'))).toMatchObject([
      { value: 'gvisor', message: 'No pods are allowed here, whatever their RuntimeClass.' },
    ]);
  });
});

describe('serviceAccounts', () => {
  const named = (serviceAccountName: string) => aSubject({ podTemplate: { spec: { serviceAccountName } } });

  it('always admits the account that the operator makes', () => {
    expect(evaluatePolicy(aPolicy({ serviceAccounts: [] }), aSubject())).toEqual([]);
  });

  it('admits one that is allowed', () => {
    expect(evaluatePolicy(aPolicy({ serviceAccounts: ['reader'] }), named('reader'))).toEqual([]);
  });

  // An account of that name that somebody else made may have any rights.
  it.each(['admin', 'mcp-github'])('refuses %s', (name) => {
    expect(evaluatePolicy(aPolicy({ serviceAccounts: ['reader'] }), named(name))).toEqual([
      {
        policy: 'strict',
        rule: 'serviceAccounts',
        severity: 'high',
        path: 'spec.podTemplate.spec.serviceAccountName',
        value: name,
        message: 'This ServiceAccount is not allowed here.',
        fix: 'Remove the field, so that the operator makes an account without rights, or ask the owner of the policy to allow it. Allowed: reader.',
      },
    ]);
  });
});

describe('volumes', () => {
  const volumes = [
    { name: 'settings', configMap: { name: 'settings' } },
    { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
    { name: 'plain' },
  ];

  it('admits kinds that are allowed, and the /tmp of the operator', () => {
    const policy = aPolicy({ volumes: ['configMap', 'persistentVolumeClaim', 'emptyDir'] });
    expect(evaluatePolicy(policy, aSubject({ volumes }))).toEqual([]);
    expect(evaluatePolicy(aPolicy({ volumes: [] }), aSubject())).toEqual([]);
  });

  it('refuses others, each by its name', () => {
    expect(evaluatePolicy(aPolicy({ volumes: ['configMap', 'secret'] }), aSubject({ volumes }))).toEqual([
      {
        policy: 'strict',
        rule: 'volumes',
        severity: 'medium',
        path: 'spec.volumes[name=data]',
        value: 'persistentVolumeClaim',
        message: 'Volumes of the kind persistentVolumeClaim are not allowed here.',
        fix: 'Remove the volume, or use configMap or secret.',
      },
      expect.objectContaining({ path: 'spec.volumes[name=plain]', value: 'emptyDir' }),
    ]);
  });

  it('refuses all when it is empty', () => {
    expect(evaluatePolicy(aPolicy({ volumes: [] }), aSubject({ volumes }))).toMatchObject([
      { value: 'configMap', fix: 'Remove the volume, or ask the owner of the policy to allow it.' },
      { value: 'persistentVolumeClaim' },
      { value: 'emptyDir' },
    ]);
  });
});
