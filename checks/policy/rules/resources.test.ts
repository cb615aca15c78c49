import { describe, expect, it } from 'vitest';
import { aPolicy, aRemoteSubject, aSubject } from '../../testing/subjects.ts';
import { evaluatePolicy, policyProblems } from '../evaluate.ts';

const beside = (list: 'containers' | 'initContainers', resources?: object) =>
  aSubject({
    podTemplate: { spec: { [list]: [{ name: 'other', image: 'other', ...(resources && { resources }) }] } },
  });
const OTHER = 'spec.podTemplate.spec.containers[name=other].resources';

describe('resources.requireLimits', () => {
  const policy = aPolicy({ resources: { requireLimits: true } });

  it.each([
    { reason: 'the defaults', subject: aSubject() },
    {
      reason: 'limits, which stand for requests',
      subject: aSubject({ resources: { limits: { cpu: '1', memory: '1Gi' } } }),
    },
    {
      reason: 'a sidecar with all of them',
      subject: beside('containers', { requests: { cpu: 1, memory: '1Mi' }, limits: { memory: '1Mi' } }),
    },
    { reason: 'a server elsewhere', subject: aRemoteSubject() },
  ])('admits $reason', ({ subject }) => {
    expect(evaluatePolicy(policy, subject)).toEqual([]);
  });

  it('names each amount that is missing', () => {
    expect(evaluatePolicy(policy, aSubject({ resources: {} }))).toEqual([
      {
        policy: 'strict',
        rule: 'resources.requireLimits',
        severity: 'medium',
        path: 'spec.resources.requests.cpu',
        value: 'unset',
        message: 'The container requests no CPU, so that it is the first to starve on a busy node.',
        fix: 'Set a request, such as cpu: 50m.',
      },
      expect.objectContaining({ path: 'spec.resources.requests.memory', value: 'unset' }),
      expect.objectContaining({ path: 'spec.resources.limits.memory', value: 'unset' }),
    ]);
  });

  it.each([
    {
      reason: 'a container beside the server',
      subject: beside('containers'),
      paths: [`${OTHER}.requests.cpu`, `${OTHER}.requests.memory`, `${OTHER}.limits.memory`],
    },
    {
      reason: 'an init container',
      subject: beside('initContainers', { requests: { cpu: '1', memory: '1Mi' } }),
      paths: ['spec.podTemplate.spec.initContainers[name=other].resources.limits.memory'],
    },
    {
      reason: 'a limit of 0, which is none',
      subject: beside('containers', { requests: { cpu: '1', memory: '1Mi' }, limits: { memory: '0' } }),
      paths: [`${OTHER}.limits.memory`],
    },
    {
      reason: 'a request of 0',
      subject: beside('containers', { requests: { cpu: '0' }, limits: { memory: '1Mi' } }),
      paths: [`${OTHER}.requests.cpu`],
    },
  ])('refuses $reason', ({ subject, paths }) => {
    expect(evaluatePolicy(policy, subject).map(({ path }) => path)).toEqual(paths);
  });
});

describe('resources.max', () => {
  const limits = (amounts: Record<string, string>) => aSubject({ resources: { limits: amounts } });
  const policy = aPolicy({ resources: { max: { cpu: '2', memory: '2Gi' } } });

  it.each([
    { cpu: '2', memory: '2Gi' },
    { cpu: '2000m', memory: '2048Mi' },
    { cpu: '500m', memory: '2G' },
  ])('admits %j', (amounts) => {
    expect(evaluatePolicy(policy, limits(amounts))).toEqual([]);
  });

  it('refuses more, and no limit at all', () => {
    expect(evaluatePolicy(policy, limits({ memory: '2049Mi' }))).toEqual([
      {
        policy: 'strict',
        rule: 'resources.max',
        severity: 'medium',
        path: 'spec.resources.limits.cpu',
        value: 'unset',
        message: 'The container has no limit for cpu, which may be at most 2 here.',
        fix: 'Set the limit to 2 or less.',
      },
      {
        policy: 'strict',
        rule: 'resources.max',
        severity: 'medium',
        path: 'spec.resources.limits.memory',
        value: '2049Mi',
        message: 'The limit for memory may be at most 2Gi here.',
        fix: 'Set the limit to 2Gi or less.',
      },
    ]);
  });

  it('takes a limit of 0 for none', () => {
    expect(evaluatePolicy(policy, limits({ cpu: '0', memory: '1Gi' }))).toMatchObject([
      {
        path: 'spec.resources.limits.cpu',
        value: '0',
        message: 'The container has no limit for cpu, which may be at most 2 here.',
      },
    ]);
  });

  it('looks into every container', () => {
    const subject = beside('initContainers', { limits: { cpu: '3', memory: '1Gi' } });
    expect(
      evaluatePolicy(aPolicy({ resources: { max: { cpu: 2 } } }), subject).map(({ path }) => path),
    ).toEqual([
      'spec.podTemplate.spec.initContainers[name=other].resources.limits.cpu',
      'spec.resources.limits.cpu',
    ]);
  });

  it('needs no limit for devices: a container that asks for none gets none', () => {
    const gpus = aPolicy({ resources: { max: { 'example.com/gpu': 1, 'hugepages-2Mi': 0 } } });
    expect(evaluatePolicy(gpus, aSubject())).toEqual([]);
    expect(evaluatePolicy(gpus, limits({ 'example.com/gpu': '1', 'hugepages-2Mi': '0' }))).toEqual([]);
    expect(evaluatePolicy(gpus, limits({ 'example.com/gpu': '2', 'hugepages-2Mi': '2Mi' }))).toMatchObject([
      { path: 'spec.resources.limits[example.com/gpu]', value: '2' },
      { path: 'spec.resources.limits[hugepages-2Mi]', value: '2Mi' },
    ]);
  });

  it.each([
    {
      max: { memroy: '2Gi' },
      path: 'spec.resources.max.memroy',
      message: /^no container has a resource memroy: write cpu, memory, /,
    },
    {
      max: { storage: '2Gi' },
      path: 'spec.resources.max.storage',
      message: /^no container has a resource storage/,
    },
    { max: { cpu: 'two' }, path: 'spec.resources.max.cpu', message: /^"two" is no amount/ },
    { max: { cpu: -1 }, path: 'spec.resources.max.cpu', message: /^"-1" is no amount/ },
    {
      max: { 'example.com/gpu': '' },
      path: 'spec.resources.max[example.com/gpu]',
      message: /^"" is no amount/,
    },
  ])('cannot be $max', ({ max, path, message }) => {
    const { spec } = aPolicy({ resources: { max } });
    expect(policyProblems(spec)).toEqual([{ path, message: expect.stringMatching(message) }]);
  });

  it.each([
    { cpu: 0 },
    { cpu: '500m' },
    { 'ephemeral-storage': '1Gi' },
    { 'hugepages-2Mi': '0' },
    { 'example.com/gpu': 1 },
  ])('can be %j', (max) => {
    expect(policyProblems(aPolicy({ resources: { max } }).spec)).toEqual([]);
  });
});
