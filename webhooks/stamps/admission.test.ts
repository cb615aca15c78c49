import { describe, expect, it } from 'vitest';
import { STAMPED_RESOURCES } from '../../api/index.ts';
import { STAMPED, STAMPING } from '../catalogue.ts';
import type { AdmissionRequest } from '../admission/review.ts';
import { ALICE, aRequest, anUpdate, BOB } from '../testing/requests.ts';
import { stampBy, validateStamps } from './admission.ts';

const NEVER = new AbortController().signal;
const STAMPS = { executor: 'system:serviceaccount:mcp-system:executor', personKey: '' };
const profile = (score: number, annotations?: Record<string, string>): object => ({
  metadata: { name: 'baseline', ...(annotations !== undefined && { annotations }) },
  spec: { score },
});
const stamped = (score: number, changedBy: readonly object[] = [ALICE]): object =>
  profile(score, {
    'mcp.kilocode.ai/created-by': JSON.stringify(ALICE),
    'mcp.kilocode.ai/changed-by': JSON.stringify(changedBy),
  });

describe('every kind whose writers are recorded', () => {
  it('is stamped, and refused where it is not', () => {
    const judged = STAMPED.map(({ kind }) => kind);
    expect(STAMPING.map(({ kind }) => kind)).toEqual(STAMPED_RESOURCES.map(({ kind }) => kind));
    // A server's stamps are judged by the webhook that judges everything else of it.
    expect(['MCPServer', ...judged]).toEqual(STAMPED_RESOURCES.map(({ kind }) => kind));
    expect(STAMPING.map(({ path }) => path)).toContain('/mutate-complianceprofile');
  });

  it('names who creates it', async () => {
    const { patch } = await stampBy(STAMPS)(aRequest(profile(80)), NEVER);
    expect(patch).toEqual([
      {
        op: 'add',
        path: '/metadata/annotations',
        value: {
          'mcp.kilocode.ai/created-by': JSON.stringify(ALICE),
          'mcp.kilocode.ai/changed-by': JSON.stringify([ALICE]),
        },
      },
    ]);
  });
});

describe('the stamps of an object', () => {
  it.each<[string, AdmissionRequest, boolean]>([
    ['of its creator are sound', aRequest(stamped(80)), true],
    ['of nobody are not', aRequest(profile(80)), false],
    ['of somebody else are not', aRequest(stamped(80), { user: BOB }), false],
    ['of who changes it are sound', anUpdate(stamped(80), stamped(90, [ALICE, BOB]), { user: BOB }), true],
    ['without who was there before are not', anUpdate(stamped(80), stamped(90, [BOB]), { user: BOB }), false],
    ['that are taken away are not', anUpdate(stamped(80), profile(80), { user: BOB }), false],
  ])('%s', async (_reason, request, isSound) => {
    const { denial } = await validateStamps('ComplianceProfile', STAMPS)(request, NEVER);
    if (isSound) expect(denial).toBeUndefined();
    else expect(denial?.message).toContain('who writes this ComplianceProfile was not recorded');
  });
});
