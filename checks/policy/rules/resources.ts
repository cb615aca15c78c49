/** `resources`: what one container may use of its node. */
import type { V1ResourceRequirements } from '@kubernetes/client-node';
import type { FieldError } from '../../../api/index.ts';
import { compareQuantities } from '../../../core/quantity.ts';
import type { Breach } from '../../check.ts';
import { type JudgedContainer, containersOf } from '../../containers.ts';
import { UNSET } from '../../finding.ts';
import { type RuleGroup, memberPath, policyRule } from '../policy-rule.ts';

type Amount = string | number;

/** What every container has to say about itself. */
const REQUIRED = [
  {
    list: 'requests',
    resource: 'cpu',
    message: 'The container requests no CPU, so that it is the first to starve on a busy node.',
    fix: 'Set a request, such as cpu: 50m.',
  },
  {
    list: 'requests',
    resource: 'memory',
    message: 'The container requests no memory, so that it may be put where there is none.',
    fix: 'Set a request, such as memory: 64Mi.',
  },
  {
    list: 'limits',
    resource: 'memory',
    message: 'The container has no memory limit, so that it may use up that of its node.',
    fix: 'Set a limit, such as memory: 256Mi.',
  },
] as const;

const requireLimits = policyRule({
  id: 'resources.requireLimits',
  severity: 'medium',
  title: 'every container has a memory limit, and requests for CPU and memory',
  judge: (subject, { resources }) =>
    resources?.requireLimits === true ? containersOf(subject).flatMap(missingAmounts) : [],
});

function missingAmounts({ container, path }: JudgedContainer): readonly Breach[] {
  return REQUIRED.flatMap(({ list, resource, message, fix }) => {
    const given = amountOf(container.resources, list, resource);
    // The API server takes a limit for the request that is missing.
    const effective =
      list === 'requests' ? (given ?? amountOf(container.resources, 'limits', resource)) : given;
    if (isPositive(effective)) return [];
    return [{ path: path(`resources.${list}.${resource}`), value: shown(given), message, fix }];
  });
}

const max = policyRule({
  id: 'resources.max',
  severity: 'medium',
  title: 'no container may use more than allowed',
  judge: (subject, { resources }) => {
    if (resources?.max === undefined) return [];
    const most = Object.entries(resources.max);
    return containersOf(subject).flatMap((container) =>
      most.flatMap(([resource, amount]) => aboveMax(container, resource, amount)),
    );
  },
});

function aboveMax({ container, path }: JudgedContainer, resource: string, most: Amount): readonly Breach[] {
  const limit = amountOf(container.resources, 'limits', resource);
  if (limit === undefined && isNoneByDefault(resource)) return [];
  const order = compareQuantities(limit ?? '', most);
  const isUnlimited = limit === undefined || (!isPositive(limit) && !isNoneByDefault(resource));
  if (!isUnlimited && (order === -1 || order === 0)) return [];
  return [
    {
      path: path(memberPath('resources.limits', resource)),
      value: shown(limit),
      message: isUnlimited
        ? `The container has no limit for ${resource}, which may be at most ${most} here.`
        : `The limit for ${resource} may be at most ${most} here.`,
      fix: `Set the limit to ${most} or less.`,
    },
  ];
}

function amountOf(
  resources: V1ResourceRequirements | undefined,
  list: 'requests' | 'limits',
  resource: string,
): Amount | undefined {
  const amounts: Readonly<Record<string, Amount>> = resources?.[list] ?? {};
  return Object.hasOwn(amounts, resource) ? amounts[resource] : undefined;
}

/** A limit of 0 is none: cgroups have no other way to say so. */
function isPositive(amount: Amount | undefined): boolean {
  return amount !== undefined && compareQuantities(amount, 0) === 1;
}

/** Devices and huge pages: a container that does not ask for any gets none, whereas it gets all CPU and memory that there is. */
function isNoneByDefault(resource: string): boolean {
  return resource.includes('/') || resource.startsWith('hugepages-');
}

function shown(amount: Amount | undefined): string {
  return amount === undefined ? UNSET : String(amount);
}

const STANDARD = ['cpu', 'memory', 'ephemeral-storage'];

function maxProblems([resource, amount]: readonly [string, Amount]): readonly FieldError[] {
  const path = memberPath('spec.resources.max', resource);
  const isKnown = STANDARD.includes(resource) || isNoneByDefault(resource);
  const isAmount = (compareQuantities(amount, 0) ?? -1) >= 0;
  return [
    ...(isKnown
      ? []
      : [
          {
            path,
            message: `no container has a resource ${resource}: write ${STANDARD.join(', ')}, hugepages-<size> or a name with a domain, such as example.com/gpu`,
          },
        ]),
    ...(isAmount
      ? []
      : [
          {
            path,
            message: `"${amount}" is no amount: write a Kubernetes quantity of 0 or more, such as 500m or 2Gi`,
          },
        ]),
  ];
}

export const resourceRules: RuleGroup = {
  rules: [requireLimits, max],
  problems: ({ resources }) => Object.entries(resources?.max ?? {}).flatMap(maxProblems),
};
