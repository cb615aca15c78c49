/**
 * Approval as a whole: the chart's webhooks, policies and rights, operator and executor as processes, a real PostgreSQL, and people with certificates
 * of their own. The examples keep what their comments promise, the documentation shows what is really printed, and nobody gets past the locks.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { freezeEnd } from '../../approval/index.ts';
import { Asking, FAULTS, reasonOf } from '../harness/asking.ts';
import { Installation, type User } from '../harness/installation.ts';
import { constant, patternOf, sampleOf } from '../harness/samples.ts';
import { waitFor } from '../harness/wait.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));
const PAGE = fileURLToPath(new URL('../../docs/approval.md', import.meta.url));
const POLICIES = ['small-team', 'regulated-production', 'break-glass'] as const;
/** Namespaces, each with the value of the label that the examples select by. */
const NAMESPACES = {
  'team-a': 'small-team',
  findings: 'small-team',
  payments: 'regulated',
  search: 'on-call',
} as const;
const TRACKED = { 'argocd.argoproj.io/tracking-id': 'app:mcp.kilocode.ai/MCPServer:search/github' };
const LOCK = 'mcp-operator-second-lock-approvals';

/** Commands of the page whose output is compared with what is really printed. */
const GET = 'kubectl get apr harden-github --namespace team-a';
const APPROVE =
  "kubectl mcp approve harden-github --namespace team-a --reason 'reviewed with the team' --yes";
const LEDGER = 'kilo-mcp ledger show harden-github --namespace team-a --config /etc/kilo-mcp/config.yaml';
const WHO_CAN = 'kilo-mcp who-can approve small-team --namespace team-a';
const SAMPLES = [GET, APPROVE, LEDGER, WHO_CAN];
const printed = new Map<string, string>();

let installed: Installation;
let alice: User;
let bob: User;
let erin: User;

beforeAll(async () => {
  installed = await Installation.start();
  const { admin } = installed;
  for (const [namespace, approval] of Object.entries(NAMESPACES)) {
    await admin.kubectl(['create', 'namespace', namespace]);
    await admin.kubectl(['label', 'namespace', namespace, `approval=${approval}`]);
    await bind(namespace, 'alice', 'edit');
  }
  for (const user of ['bob', 'erin']) await bind('team-a', user, 'mcp-operator-approver');
  for (const policy of POLICIES) await admin.kubectl(['apply', '-f', `${EXAMPLES}approval/${policy}.yaml`]);
  [alice, bob, erin] = await Promise.all([
    installed.user('alice'),
    installed.user('bob'),
    installed.user('erin'),
  ]);
  await areAggregated();
  await installed.isProtected();
}, 300_000);

afterAll(() => installed.stop());

async function bind(namespace: string, user: string, role: string): Promise<void> {
  const what = [`--clusterrole=${role}`, `--user=${user}`, `--namespace=${namespace}`];
  await installed.admin.kubectl(['create', 'rolebinding', `${user}-${role}`, ...what]);
}

/** The controller manager fills aggregated roles. */
async function areAggregated(): Promise<void> {
  const may = (who: User, ...what: string[]) =>
    who.kubectl(['auth', 'can-i', ...what, '--namespace=team-a']).catch(() => false as const);
  await waitFor(
    async () =>
      (await may(alice, 'create', 'approvalrequests.mcp.kilocode.ai')) &&
      (await may(bob, 'approve', 'approvalpolicies.mcp.kilocode.ai/small-team')),
    { description: 'roles to be aggregated', deadlineMs: 60_000 },
  );
}

const askingIn = (namespace: keyof typeof NAMESPACES): Asking => new Asking(installed, namespace, alice);

/** Another request, made and executed: whatever came before it has been looked at by then. */
async function executesAnother(name: string): Promise<void> {
  const team = askingIn('team-a');
  const server = await team.aServer(name, FAULTS['MCP-W07']);
  await team.ask(server, { name, parameters: { check: 'MCP-W07' } });
  await team.reaches(name, 'Executed');
}

describe('examples/approval/small-team.yaml', () => {
  it('lets run by itself what is of low risk, and records it all the same', async () => {
    const team = askingIn('team-a');
    const server = await team.aServer('weather', FAULTS['MCP-W07']);
    await team.ask(server, { name: 'bound-weather', parameters: { check: 'MCP-W07' } });
    const done = await team.reaches('bound-weather', 'Executed');
    expect([done.derived?.risk, reasonOf(done, 'Approved')]).toEqual(['low', 'Automatic']);
    expect((await team.server('weather')).spec.resources).toMatchObject({
      limits: { memory: expect.any(String) as string },
    });
    expect(await team.events('bound-weather')).toEqual(['Opened', 'Approved', 'Executing', 'Executed']);
  });

  it('takes one person for everything else, who did not ask for it', async () => {
    const team = askingIn('team-a');
    const server = await team.aServer('github', FAULTS['MCP-W06']);
    await team.ask(server, { name: 'harden-github' });
    await team.until('harden-github', 'to wait for a quorum', ({ waiting }) => waiting === 'QuorumNotMet');
    expect(await team.refusal(alice, 'harden-github')).toContain('you asked for this');
    await keep(bob, GET);
    const described = await bob.kubectl(['describe', 'apr', 'harden-github', '--namespace=team-a']);
    expect(described).toMatch(/^ *- +readOnlyRootFilesystem: false$/m);
    expect(described).toMatch(/^ *\+ +readOnlyRootFilesystem: true$/m);
    const flags = ['--namespace', 'team-a', '--reason', 'reviewed with the team'];
    const decided = await bob.kiloMcp('approve', 'harden-github', ...flags, '--yes');
    expect(decided, decided.notes).toMatchObject({ code: 0 });
    printed.set(APPROVE, `${decided.notes}\n${decided.results}`);
    await team.reaches('harden-github', 'Executed');
    const containers = (await team.server('github')).spec.podTemplate?.spec?.containers;
    expect(containers?.[0]?.securityContext).toEqual({ readOnlyRootFilesystem: true });
    const shown = await installed.kiloMcp('ledger', 'show', 'harden-github', '--namespace', 'team-a');
    printed.set(LEDGER, shown.results);
    const holders = await installed.admin.kiloMcp(
      'who-can',
      'approve',
      'small-team',
      '--namespace',
      'team-a',
    );
    printed.set(WHO_CAN, `${holders.results}\n${holders.notes}`);
  });

  it('takes the decision that docs/approval.md writes in a few lines, by plain kubectl', async () => {
    const team = askingIn('team-a');
    await team.ask(await team.aServer('gitlab', FAULTS['MCP-W06']), { name: 'harden-gitlab' });
    await team.until('harden-gitlab', 'to wait for a quorum', ({ waiting }) => waiting === 'QuorumNotMet');
    const manifest = blocks('yaml').find((text) => text.includes('kind: ApprovalDecision')) ?? '';
    expect(manifest.trim().split('\n').length).toBeLessThanOrEqual(8);
    const { metadata, status } = await team.request('harden-gitlab');
    const filled = manifest
      .replaceAll('harden-github', 'harden-gitlab')
      .replace(/uid: [^ }]+/, `uid: ${metadata.uid}`)
      .replace(/digest: .*/, `digest: ${status?.derived?.digest}`);
    expect(parse(filled)).toMatchObject({ spec: { requestRef: { uid: metadata.uid } } });
    await bob.kubectl(['create', '--namespace=team-a', '-f', '-'], filled);
    await team.reaches('harden-gitlab', 'Executed');
  });

  it('proposes what Git owns, and changes nothing of it', async () => {
    const team = askingIn('team-a');
    const server = await team.aServer('tracked', FAULTS['MCP-W06'], TRACKED);
    await team.ask(server, { name: 'harden-tracked' });
    const open = await team.until('harden-tracked', 'to be derived', ({ derived }) => derived !== undefined);
    expect(open.derived).toMatchObject({
      effect: 'Proposal',
      proposalReason: expect.stringContaining('Argo CD') as string,
    });
    await team.decide(bob, 'harden-tracked');
    await team.reaches('harden-tracked', 'Approved');
    await executesAnother('after-tracked');
    await team.isUntouched(server);
    expect((await team.request('harden-tracked')).status?.phase).toBe('Approved');
    const exported = await bob.kiloMcp('approval', 'export', 'harden-tracked', '--namespace', 'team-a');
    expect(parse(exported.results)).toMatchObject({
      patches: [{ target: { group: 'mcp.kilocode.ai', kind: 'MCPServer', name: 'tracked' } }],
    });
  });

  it('repairs by itself what a check in mode Remediate finds, of low risk, and asks for the rest', async () => {
    const { admin } = installed;
    const team = askingIn('findings');
    await admin.kubectl(['apply', '-f', `${EXAMPLES}compliance/mcp-baseline-v1.yaml`]);
    await team.aServer('weather', { ...FAULTS['MCP-W06'], ...FAULTS['MCP-W07'] });
    const where = '--namespace=findings';
    await admin.kubectl(['apply', where, '-f', `${EXAMPLES}compliance/scheduled-check.yaml`]);
    await admin.kubectl([
      'patch',
      'mcpcc',
      'nightly',
      where,
      '--type=merge',
      '-p',
      '{"spec":{"mode":"Remediate"}}',
    ]);
    const requested = `mcp.kilocode.ai/run-requested-at=${new Date().toISOString()}`;
    await admin.kubectl(['annotate', 'mcpcc', 'nightly', where, requested]);
    const fixed = await waitFor(
      async () => {
        const { spec } = await team.server('weather');
        return spec.resources?.limits?.['memory'] !== undefined && spec;
      },
      { description: 'the server to be repaired', deadlineMs: 150_000, intervalMs: 500 },
    );
    // What takes a person is not done.
    const [container] = fixed.podTemplate?.spec?.containers ?? [];
    expect(container?.securityContext).toEqual({ readOnlyRootFilesystem: false });
    await waitFor(async () => (await askedFor('findings')).includes('MCP-W06'), {
      description: 'the rest to be asked for',
      deadlineMs: 150_000,
      intervalMs: 500,
    });
  }, 320_000);
});

/** Checks of the open requests of a namespace. */
async function askedFor(namespace: string): Promise<readonly string[]> {
  const path = '{range .items[?(@.status.phase=="Pending")]}{.spec.action.parameters.check}{"\\n"}{end}';
  const text = await installed.admin.kubectl([
    'get',
    'apr',
    `--namespace=${namespace}`,
    `--output=jsonpath=${path}`,
  ]);
  return text.trim().split('\n');
}

describe('examples/approval/regulated-production.yaml', () => {
  it('takes two persons, one of them a lead of the platform, each with a reason; and waits for Monday', async () => {
    const team = askingIn('payments');
    const [sam, sue, lea] = await Promise.all([
      installed.user('sam', 'security-reviewers'),
      installed.user('sue', 'security-reviewers'),
      installed.user('lea', 'platform-leads'),
    ]);
    await team.ask(await team.aServer('ledger', FAULTS['MCP-W06']), { name: 'harden-ledger' });
    await team.until('harden-ledger', 'to wait for a quorum', ({ waiting }) => waiting === 'QuorumNotMet');
    expect(await team.refusal(sam, 'harden-ledger', 'approve', '')).toContain('spec.reason');
    expect(await team.refusal(bob, 'harden-ledger')).toContain('approvaldecisions');
    await team.decide(sam, 'harden-ledger');
    await team.until('harden-ledger', 'to have one', ({ approvals }) => approvals?.have === 1);
    await team.decide(sue, 'harden-ledger');
    const two = await team.until('harden-ledger', 'to have two', ({ approvals }) => approvals?.have === 2);
    expect(two).toMatchObject({ phase: 'Pending', approvals: { need: 2, missing: ['platform-leads'] } });
    await team.decide(lea, 'harden-ledger');
    const policy = two.derived?.policy;
    const isFrozen = freezeEnd(policy?.freeze ?? [], new Date()) !== undefined;
    if (isFrozen) {
      const { waiting } = await team.reaches('harden-ledger', 'Approved');
      expect(waiting).toBe('Freeze');
    } else await team.reaches('harden-ledger', 'Executed');
  });
});

describe('examples/approval/break-glass.yaml', () => {
  const replicasOf = (name: string) =>
    installed.admin.kubectl([
      'get',
      `deployment/mcp-${name}`,
      '--namespace=search',
      '--output=jsonpath={.spec.replicas}',
    ]);

  it('lets one person on call stop a server within seconds, though Git owns it, and take that back', async () => {
    const team = askingIn('search');
    const olga = await installed.user('olga', 'on-call');
    const server = await team.aServer('github', FAULTS['MCP-W06'], TRACKED);
    await waitFor(async () => (await replicasOf('github')) === '1', { description: 'a Deployment' });
    await team.ask(server, { name: 'stop-github', kind: 'Quarantine', parameters: { operation: 'Begin' } });
    await team.until('stop-github', 'to wait for a quorum', ({ waiting }) => waiting === 'QuorumNotMet');
    expect(await team.refusal(olga, 'stop-github', 'approve', '')).toContain('spec.reason');
    const decidedMs = Date.now();
    await team.decide(olga, 'stop-github', 'approve', 'it calls home');
    await waitFor(async () => (await replicasOf('github')) === '0', {
      description: 'no pods',
      deadlineMs: 60_000,
    });
    const seconds = (Date.now() - decidedMs) / 1_000;
    expect(seconds).toBeLessThan(15);
    await waitFor(async () => readyReason(await team.server('github')) === 'Quarantined', {
      description: 'the server to say so',
    });
    await team.isUntouched(server);
    await team.ask(server, { name: 'free-github', kind: 'Quarantine', parameters: { operation: 'End' } });
    await team.until('free-github', 'to wait for a quorum', ({ waiting }) => waiting === 'QuorumNotMet');
    expect(await replicasOf('github')).toBe('0');
    await team.decide(olga, 'free-github', 'approve', 'it was an update check');
    await waitFor(async () => (await replicasOf('github')) === '1', {
      description: 'pods',
      deadlineMs: 60_000,
    });
    await team.isUntouched(server);
  }, 180_000);

  it('lets somebody on call override regulated production, with a reason, and never their own', async () => {
    const team = askingIn('payments');
    const olga = await installed.user('olga', 'on-call');
    const omar = await installed.user('omar', 'on-call');
    await bind('payments', 'omar', 'edit');
    await team.ask(await team.aServer('search', FAULTS['MCP-W06']), { name: 'harden-search' });
    await team.until('harden-search', 'to wait for a quorum', ({ waiting }) => waiting === 'QuorumNotMet');
    expect(await team.refusal(olga, 'harden-search', 'approve')).toContain('does not hold the verb approve');
    expect(await team.refusal(olga, 'harden-search', 'override', '')).toContain('spec.reason');
    await team.decide(olga, 'harden-search', 'override', 'incident 4711');
    const done = await team.reaches('harden-search', 'Executed');
    expect(reasonOf(done, 'Overridden')).toBe('Overridden');
    const own = new Asking(installed, 'payments', omar);
    await own.ask(await own.aServer('orders', FAULTS['MCP-W06']), { name: 'harden-orders' });
    await own.until('harden-orders', 'to wait for a quorum', ({ waiting }) => waiting === 'QuorumNotMet');
    expect(await own.refusal(omar, 'harden-orders', 'override', 'in a hurry')).toContain(
      'you asked for this',
    );
  });
});

function readyReason({ status }: Awaited<ReturnType<Asking['server']>>): string | undefined {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.reason;
}

describe('whoever takes the locks away', () => {
  it('has no decision counted that was made meanwhile, though the webhook configuration is back', async () => {
    const team = askingIn('team-a');
    const server = await team.aServer('unguarded', FAULTS['MCP-W06']);
    await team.ask(server, { name: 'harden-unguarded' });
    await team.until('harden-unguarded', 'to wait for a quorum', ({ waiting }) => waiting === 'QuorumNotMet');
    const configuration = await removed('validatingwebhookconfiguration/mcp-operator');
    const own = await team.decision('harden-unguarded', 'deny', 'probe');
    await waitFor(() => alice.kubectl(['create', '--dry-run=server', '-f', '-'], own), {
      description: 'nobody to be asked',
    });
    await team.decide(bob, 'harden-unguarded');
    await installed.admin.kubectl(['create', '-f', '-'], configuration);
    const seen = await team.until(
      'harden-unguarded',
      'to disregard it',
      ({ disregarded = [] }) => disregarded.length > 0,
    );
    expect(seen).toMatchObject({
      phase: 'Pending',
      approvals: { have: 0 },
      disregarded: [{ why: 'UnprotectedAdmission' }],
    });
    await executesAnother('after-unguarded');
    await team.isUntouched(server);
    // What is decided from now on counts again.
    await installed.isProtected();
    await waitFor(
      async () => (await team.refusal(alice, 'harden-unguarded')).includes('you asked for this'),
      {
        description: 'admission to be asked again',
      },
    );
    await team.decide(erin, 'harden-unguarded');
    await team.reaches('harden-unguarded', 'Executed');
  }, 180_000);

  it('changes nothing by a status of their own: it is refused, or put right, and executed in no case', async () => {
    const team = askingIn('team-a');
    const server = await team.aServer('forged', FAULTS['MCP-W06']);
    await team.ask(server, { name: 'harden-forged' });
    await team.until('harden-forged', 'to wait for a quorum', ({ waiting }) => waiting === 'QuorumNotMet');
    const { admin } = installed;
    const forge = (...flags: string[]): readonly string[] => {
      const status = { phase: 'Approved', approvals: { have: 1, need: 1, missing: [], summary: '1/1' } };
      const what = ['--subresource=status', '--type=merge', `--patch=${JSON.stringify({ status })}`];
      return ['patch', 'apr', 'harden-forged', '--namespace=team-a', ...what, ...flags];
    };
    expect(await admin.refusal(forge())).toContain('written by the operator alone');
    const binding = await removed(`validatingadmissionpolicybinding/${LOCK}`);
    await waitFor(() => admin.kubectl(forge('--dry-run=server')), { description: 'the lock to be gone' });
    await admin.kubectl(forge());
    await executesAnother('after-forged');
    const { status } = await team.request('harden-forged');
    expect(status).toMatchObject({ phase: 'Pending', approvals: { have: 0 } });
    await team.isUntouched(server);
    await admin.kubectl(['create', '-f', '-'], binding);
    await installed.isProtected();
  }, 180_000);
});

/** Deletes an object. @returns it, as it can be created again. */
async function removed(what: string): Promise<object> {
  const text = await installed.admin.kubectl(['get', what, '--output=json']);
  const { metadata, ...object } = JSON.parse(text) as { readonly metadata: { readonly name: string } };
  await installed.admin.kubectl(['delete', what]);
  return { ...object, metadata: { name: metadata.name } };
}

/** Fenced blocks of the page in a language. */
function blocks(language: string): readonly string[] {
  const fence = '`'.repeat(3);
  const pattern = new RegExp(`${fence}${language}\\n(.*?)${fence}`, 'gs');
  return [...readFileSync(PAGE, 'utf8').matchAll(pattern)].map(([, text = '']) => text);
}

async function keep(who: User, command: string): Promise<void> {
  const [, ...args] = command.split(' ');
  printed.set(command, await who.kubectl(args));
}

describe('docs/approval.md', () => {
  it.each(SAMPLES)('shows what this prints: %s', (command) => {
    const really = `${constant(printed.get(command) ?? 'it was not run')}\n`;
    expect(really).toMatch(patternOf(sampleOf(PAGE, command)));
  });
});
