/** Whether Git owns an object: what is changed in the cluster would be changed back, and nobody would see why. */

/** What is known of an object's owners. */
export interface OwnershipFacts {
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** `manager` of the entries of `metadata.managedFields` that are not of a subresource. */
  readonly managers: readonly string[];
}

/** Who applies the object, and the mark that says so. */
export interface GitOwner {
  readonly tool: 'Argo CD' | 'Flux' | 'Helm';
  readonly mark: string;
}

interface Mark {
  readonly tool: GitOwner['tool'];
  readonly where: 'labels' | 'annotations';
  readonly key: string;
  /** Only with this value; any value when absent. */
  readonly value?: string;
}

/** As the tools' own documentation names them. Flux before Helm: a HelmRelease leaves the marks of both. */
const MARKS: readonly Mark[] = [
  { tool: 'Argo CD', where: 'annotations', key: 'argocd.argoproj.io/tracking-id' },
  { tool: 'Argo CD', where: 'labels', key: 'argocd.argoproj.io/instance' },
  { tool: 'Flux', where: 'labels', key: 'kustomize.toolkit.fluxcd.io/name' },
  { tool: 'Flux', where: 'labels', key: 'helm.toolkit.fluxcd.io/name' },
  { tool: 'Helm', where: 'labels', key: 'app.kubernetes.io/managed-by', value: 'Helm' },
  { tool: 'Helm', where: 'annotations', key: 'meta.helm.sh/release-name' },
  // Argo CD's default before 3.0, and a common label otherwise: who owns the object in truth is not guessed.
  { tool: 'Argo CD', where: 'labels', key: 'app.kubernetes.io/instance' },
];

const MANAGERS: Readonly<Record<string, GitOwner['tool']>> = {
  'argocd-controller': 'Argo CD',
  'argocd-application-controller': 'Argo CD',
  'kustomize-controller': 'Flux',
  'helm-controller': 'Flux',
  helm: 'Helm',
};

/** @returns the first owner that left a mark; undefined when none did. */
export function gitOwner(facts: OwnershipFacts): GitOwner | undefined {
  const mark = MARKS.find((candidate) => isMarked(facts, candidate));
  if (mark !== undefined) return { tool: mark.tool, mark: `${mark.where.slice(0, -1)} ${mark.key}` };
  const manager = facts.managers.find((name) => Object.hasOwn(MANAGERS, name));
  const tool = manager === undefined ? undefined : MANAGERS[manager];
  return tool === undefined ? undefined : { tool, mark: `field manager ${manager}` };
}

function isMarked(facts: OwnershipFacts, { where, key, value }: Mark): boolean {
  const found = facts[where];
  if (found === undefined || !Object.hasOwn(found, key)) return false;
  return value === undefined || found[key] === value;
}
