/** The smaller pieces of the document. */
import { GROUP } from '../../api/index.ts';
import type { EvidenceRecord, FindingRecord, ServerReference } from '../../checks/engine/record.ts';
import { excerpt } from '../../core/excerpt.ts';
import { sha256Hex } from '../../core/sha256.ts';
import { serverName } from '../run-report.ts';
import { uuidOf } from './names.ts';

/** Whose names the properties have. */
const PROPERTY_NAMESPACE = `https://${GROUP}/oscal`;
const MAX_TEXT_LENGTH = 2_048;

/** One line of text; OSCAL allows none that is empty. */
export function line(text: string, otherwise = 'none given'): string {
  const short = excerpt(text, MAX_TEXT_LENGTH);
  return short === '' ? otherwise : short;
}

/** @returns a list of properties, those that are undefined left out. */
export function properties(values: Readonly<Record<string, string | undefined>>): readonly object[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [{ name, ns: PROPERTY_NAMESPACE, value: line(value) }],
  );
}

/** The server as an inventory item of the run. */
export function inventoryItem(server: ServerReference): object {
  return {
    uuid: inventoryUuid(server),
    description: `MCP server ${serverName(server)}`,
    props: properties({ 'asset-id': serverName(server), uid: server.uid }),
  };
}

export function inventoryUuid({ uid, namespace, name }: ServerReference): string {
  return uuidOf('inventory-item', namespace, name, uid);
}

/** One identity of the finding in its run: eras are judged apart. */
export function findingUuid(kind: string, runId: string, { server, check, era = '' }: FindingRecord): string {
  return uuidOf(kind, runId, inventoryUuid(server), check, era);
}

/** Evidence as a resource: not its content, but what proves it unchanged. */
export function evidenceResource({ digest, mediaType, content }: EvidenceRecord): object {
  return {
    uuid: evidenceUuid(digest),
    title: 'Evidence of a check',
    description: 'Kept by the operator; the JSON export of the run contains it.',
    props: properties({ digest }),
    rlinks: [
      {
        href: `evidence/${digest.replace(':', '-')}.json`,
        'media-type': mediaType,
        hashes: [{ algorithm: 'SHA-256', value: sha256Hex(content) }],
      },
    ],
  };
}

export function evidenceUuid(digest: string): string {
  return uuidOf('evidence', digest);
}
