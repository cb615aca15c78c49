import { describe, expect, it } from 'vitest';
import { chooseCluster, cleanUpCommand, type Machine } from './choice.ts';

const root: Machine = { platform: 'linux', isRoot: true, hasKind: false };
const laptop: Machine = { platform: 'darwin', isRoot: false, hasKind: true };
const nothing: Machine = { platform: 'linux', isRoot: false, hasKind: false };

describe('chooseCluster', () => {
  it.each([
    { reason: 'root on Linux gets a cluster of its own', env: {}, machine: root, choice: { kind: 'local' } },
    { reason: 'Docker with kind serves everybody else', env: {}, machine: laptop, choice: { kind: 'kind' } },
    {
      reason: 'kind on request',
      env: { CLUSTER: 'kind' },
      machine: { ...root, hasKind: true },
      choice: { kind: 'kind' },
    },
    {
      reason: 'a KUBECONFIG alone, exported to look around, does not move the demo to that cluster',
      env: { KUBECONFIG: '.cluster/kubeconfig' },
      machine: root,
      choice: { kind: 'local' },
    },
    {
      reason: 'a registry to push to',
      env: { KUBECONFIG: 'k', REGISTRY: 'registry.example.com/team/' },
      machine: nothing,
      choice: {
        kind: 'existing',
        kubeconfig: 'k',
        images: { kind: 'push', prefix: 'registry.example.com/team' },
      },
    },
    {
      reason: 'images that are pushed already',
      env: { KUBECONFIG: 'k', IMAGE: 'registry.example.com/team/mcp-operator:1' },
      machine: nothing,
      choice: {
        kind: 'existing',
        kubeconfig: 'k',
        images: {
          kind: 'pushed',
          prefix: 'registry.example.com/team',
          operator: 'registry.example.com/team/mcp-operator:1',
        },
      },
    },
  ])('$reason', ({ env, machine, choice }) => {
    expect(chooseCluster(env, machine)).toEqual(choice);
  });

  it.each([
    { reason: 'no way open', env: {}, message: 'sudo make demo' },
    { reason: 'a registry without a cluster', env: { REGISTRY: 'r.example.com' }, message: 'set KUBECONFIG' },
    { reason: 'kind without kind', env: { CLUSTER: 'kind' }, message: 'install kind' },
    { reason: 'an unknown cluster', env: { CLUSTER: 'minikube' }, message: 'use local or kind' },
    {
      reason: 'an image without a registry',
      env: { KUBECONFIG: 'k', IMAGE: 'mcp-operator:1' },
      message: 'name it with its registry',
    },
  ])('refuses $reason', ({ env, message }) => {
    expect(() => chooseCluster(env, nothing)).toThrow(message);
  });
});

describe('cleanUpCommand', () => {
  it.each([
    { reason: 'nothing set', env: {}, command: 'make demo-down' },
    {
      reason: 'a KUBECONFIG that only shows the way to kubectl',
      env: { KUBECONFIG: 'k', CLUSTER_INSTANCE: '3' },
      command: 'make demo-down CLUSTER_INSTANCE=3',
    },
    {
      reason: "a cluster of the user's",
      env: { KUBECONFIG: 'k', REGISTRY: 'r.example.com/team' },
      command: 'make demo-down REGISTRY=r.example.com/team KUBECONFIG=k',
    },
  ])('$reason', ({ env, command }) => {
    expect(cleanUpCommand(env)).toBe(command);
  });
});
