/** MCP-P01: the server opens, in a revision that is new enough. That it opens in no era at all is for the engine to report. */
import type { Check, Verdict } from '../engine/check.ts';
import type { CheckContext } from '../engine/context.ts';
import { verdict } from '../engine/verdict.ts';
import { APPLIES, openingExchanges } from './verdict.ts';

/** The first revision with the transport that is not deprecated. */
const DEFAULT_MINIMUM = '2025-03-26';
const REVISION = /^\d{4}-\d{2}-\d{2}$/;

export const protocolVersion: Check = {
  id: 'MCP-P01',
  family: 'P',
  title: 'the server opens in a protocol revision that is new enough',
  severity: 'high',
  eras: ['legacy', 'modern'],
  scored: true,
  cost: { requests: 0 },
  rationale:
    'A server that opens in no era serves nobody, and old revisions lack what later ones made safe, such as audience-bound tokens. The newest ' +
    'revision of both eras counts.',
  remediation: {
    kind: 'approval',
    text: 'Update the image to a release of the server that speaks a newer revision, by an approved tag.',
  },
  references: ['MCP 2026-07-28, Versioning and Compatibility', 'AISVS 10.3.4'],
  upstreamChecks: ['sep-2575-server-implements-discover', 'server-initialize'],
  parameters: {
    minimumVersion: {
      description: 'The oldest revision that is accepted, as YYYY-MM-DD.',
      default: DEFAULT_MINIMUM,
    },
  },
  applies: () => APPLIES,
  run: judge,
};

function judge(context: CheckContext): Verdict {
  const minimum = context.parameters['minimumVersion'] ?? DEFAULT_MINIMUM;
  if (typeof minimum !== 'string' || !REVISION.test(minimum)) {
    return verdict('Error', 'The parameter minimumVersion is not a revision: write it as YYYY-MM-DD.');
  }
  const best = newestRevision(context);
  const shown = openingExchanges(context).slice(0, 1);
  if (best === undefined) {
    return verdict('Fail', 'The server names no revision of the protocol that exists as a date.', shown);
  }
  const details = { version: best, minimumVersion: minimum };
  // Revisions are dates, which compare as text.
  if (best >= minimum)
    return verdict('Pass', 'The server opens in a revision that is new enough.', shown, details);
  return verdict('Fail', `The server speaks no revision from ${minimum} on.`, shown, details);
}

/** Of both eras: a server that speaks an old revision beside a new one is judged by the new one. */
function newestRevision({ openings }: CheckContext): string | undefined {
  return [openings.legacy, openings.modern]
    .flatMap((opening) => (opening?.kind === 'opened' ? [opening.opened.protocolVersion] : []))
    .filter((version) => REVISION.test(version))
    .toSorted()
    .at(-1);
}
