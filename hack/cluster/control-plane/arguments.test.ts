import { describe, expect, it } from 'vitest';
import {
  apiServerArguments,
  controllerManagerArguments,
  etcdArguments,
  type ControlPlaneSettings,
} from './arguments.ts';

const settings: ControlPlaneSettings = {
  endpoints: { host: '127.0.0.1', apiServer: 6443, etcdClient: 2379, etcdPeer: 2380 },
  pki: {
    authority: { certificate: '/pki/ca.crt', key: '/pki/ca.key' },
    server: { certificate: '/pki/server.crt', key: '/pki/server.key' },
    serviceAccount: { publicKey: '/pki/sa.pub', privateKey: '/pki/sa.key' },
    controllerManager: '/pki/controller-manager.kubeconfig',
    scheduler: '/pki/scheduler.kubeconfig',
    admin: '/kubeconfig',
  },
  dataDirectory: '/etcd',
  serviceRange: '10.96.0.0/20',
  podRange: '10.88.0.0/20',
  hasNode: false,
};

describe('etcdArguments', () => {
  it('lets nobody in without a certificate', () => {
    const flags = etcdArguments(settings);
    expect(flags).toContain('--client-cert-auth');
    expect(flags).toContain('--peer-client-cert-auth');
    expect(flags.filter((flag) => flag.includes('http://'))).toEqual([]);
  });
});

describe('apiServerArguments', () => {
  it('offers no endpoint for pods when there is no node', () => {
    const flags = apiServerArguments(settings);
    expect(flags).toContain('--endpoint-reconciler-type=none');
    expect(flags.filter((flag) => flag.includes('kubelet'))).toEqual([]);
  });

  it('finds and trusts the kubelet by address when there is one', () => {
    const flags = apiServerArguments({ ...settings, hasNode: true });
    expect(flags).toContain('--advertise-address=127.0.0.1');
    expect(flags).toContain('--kubelet-preferred-address-types=InternalIP');
    expect(flags).toContain('--kubelet-certificate-authority=/pki/ca.crt');
  });

  it('writes an audit log only when asked', () => {
    const isAudit = (flag: string): boolean => flag.startsWith('--audit');
    expect(apiServerArguments(settings).filter(isAudit)).toEqual([]);
    const audit = { policy: '/policy.json', log: '/audit.log' };
    expect(apiServerArguments({ ...settings, audit }).filter(isAudit)).toEqual([
      '--audit-policy-file=/policy.json',
      '--audit-log-path=/audit.log',
    ]);
  });
});

describe('controllerManagerArguments', () => {
  it('signs service account tokens with the key that the API server checks', () => {
    expect(controllerManagerArguments(settings)).toContain('--service-account-private-key-file=/pki/sa.key');
    expect(apiServerArguments(settings)).toContain('--service-account-signing-key-file=/pki/sa.key');
  });

  it('gives the node all addresses of pods, when there is a node', () => {
    const flags = controllerManagerArguments({ ...settings, hasNode: true });
    expect(flags).toContain('--cluster-cidr=10.88.0.0/20');
    expect(flags).toContain('--node-cidr-mask-size=20');
    expect(controllerManagerArguments(settings).filter((flag) => flag.includes('cidr'))).toEqual([]);
  });
});
