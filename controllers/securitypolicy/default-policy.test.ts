import { beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_POLICY_SPEC, validateMCPSecurityPolicy, type MCPServer } from '../../api/index.ts';
import { evaluatePolicy, policyProblems, subjectOf } from '../../checks/index.ts';
import { silentLogger } from '../../core/logger.ts';
import {
  AlreadyExistsError,
  formatKey,
  keyOf,
  type KubernetesClient,
  type KubernetesObject,
  type ObjectKey,
  type ResourceType,
} from '../../operator/runtime/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';
import { aServer } from '../../render/testing/a-server.ts';
import { DefaultPolicyReconciler } from './default-policy.ts';
import { aPolicy } from './testing/builders.ts';

const POLICY = 'MCPSecurityPolicy default';
const MARKER = 'ConfigMap mcp-system/mcp-operator-default-policy';

/** A cluster that outlives the processes which work on it. */
class Cluster {
  readonly objects = new Set<string>();
  /** What the next process does not live to write. */
  killedBefore = '';

  decide(): Promise<unknown> {
    const policies = [...this.objects].filter((name) => name.startsWith('MCPSecurityPolicy '));
    const client = {
      get: ({ kind }: ResourceType, key: ObjectKey) =>
        Promise.resolve(this.objects.has(`${kind} ${formatKey(key)}`) ? {} : undefined),
      create: (_type: ResourceType, object: KubernetesObject) => this.#create(object),
    };
    const reconciler = new DefaultPolicyReconciler({
      // A boundary: what is read is never looked at, but for being there.
      client: client as unknown as KubernetesClient,
      policies: { size: policies.length },
      namespace: 'mcp-system',
      fieldManager: 'test',
    });
    const context = { signal: new AbortController().signal, logger: silentLogger, reconcileID: 'one' };
    return reconciler.reconcile({ namespace: '', name: 'default' }, context);
  }

  #create(object: KubernetesObject): Promise<KubernetesObject> {
    const name = `${object.kind} ${formatKey(keyOf(object))}`;
    if (name === this.killedBefore) return Promise.reject(new Error('killed'));
    if (this.objects.has(name))
      return Promise.reject(
        new AlreadyExistsError({
          code: 409,
          reason: 'AlreadyExists',
          message: 'it exists',
          causes: [],
          retryAfterMs: undefined,
        }),
      );
    this.objects.add(name);
    return Promise.resolve(object);
  }
}

describe('the rules of the default policy', () => {
  const policy = aPolicy(DEFAULT_POLICY_SPEC, { name: 'default' });
  const namespace = { name: 'team-a', labels: {} };
  const violated = (server: MCPServer): string[] => {
    const violations = evaluatePolicy(policy, subjectOf(server, namespace, DEFAULT_RENDER_SETTINGS));
    return violations.map(({ rule }) => rule);
  };
  const openTo = (cidr: string, except: string[] = []) => ({
    network: { egress: [{ to: [{ ipBlock: { cidr, except } }] }] },
  });

  it('are valid, and can be evaluated', () => {
    expect(validateMCPSecurityPolicy(policy)).toMatchObject({ valid: true });
    expect(policyProblems(policy.spec)).toEqual([]);
  });

  it.each([
    { reason: 'a plain server', spec: {}, rules: [] },
    {
      reason: 'every address but that of the metadata',
      spec: openTo('0.0.0.0/0', ['169.254.0.0/16']),
      rules: [],
    },
    { reason: 'the address of the metadata', spec: openTo('0.0.0.0/0'), rules: ['network.denyCIDRs'] },
    {
      reason: 'a secret in plain sight',
      spec: { env: [{ name: 'GITHUB_TOKEN', value: `ghp_${'a1B2'.repeat(9)}` }] },
      rules: ['secrets.denyLiterals'],
    },
    {
      reason: 'a privileged container',
      spec: {
        podTemplate: {
          spec: {
            containers: [
              { name: 'server', securityContext: { privileged: true, allowPrivilegeEscalation: true } },
            ],
          },
        },
      },
      rules: ['podSecurity'],
    },
  ])('say of $reason: $rules', ({ spec, rules }) => {
    expect([...new Set(violated(aServer(spec)))]).toEqual(rules);
  });
});

describe('the default policy', () => {
  let cluster: Cluster;
  beforeEach(() => {
    cluster = new Cluster();
  });
  const content = (): string[] => [...cluster.objects].toSorted();

  it('is created where there is no policy, and that is remembered', async () => {
    await cluster.decide();
    expect(content()).toEqual([MARKER, POLICY]);
  });

  it('does not come back', async () => {
    await cluster.decide();
    cluster.objects.delete(POLICY);
    await cluster.decide();
    expect(content()).toEqual([MARKER]);
  });

  it('is not created beside others, nor when these are gone later', async () => {
    cluster.objects.add('MCPSecurityPolicy ours');
    await cluster.decide();
    expect(content()).toEqual([MARKER, 'MCPSecurityPolicy ours']);
    cluster.objects.delete('MCPSecurityPolicy ours');
    await cluster.decide();
    expect(content()).toEqual([MARKER]);
  });

  it.each([
    { reason: 'before anything is written', killedBefore: POLICY },
    { reason: 'between the policy and the marker', killedBefore: MARKER },
  ])('survives a kill $reason', async ({ killedBefore }) => {
    cluster.killedBefore = killedBefore;
    await expect(cluster.decide()).rejects.toThrow('killed');
    expect(content()).not.toContain(MARKER);
    cluster.killedBefore = '';
    await cluster.decide();
    expect(content()).toEqual([MARKER, POLICY]);
  });

  it('is no matter of dispute between two processes', async () => {
    await Promise.all([cluster.decide(), cluster.decide()]);
    expect(content()).toEqual([MARKER, POLICY]);
  });
});
