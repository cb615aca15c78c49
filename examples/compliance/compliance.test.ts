import { readdirSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { describe, expect, it } from 'vitest';
import {
  validateClusterComplianceCheck,
  validateComplianceCheck,
  validateComplianceProfile,
} from '../../api/index.ts';
import { CHECKS } from '../../checks/registry.ts';
import { readProfile } from '../../controllers/compliancecheck/profile.ts';
import { loadScheduleParser } from '../../controllers/compliancecheck/schedule.ts';

const FOLDER = new URL('.', import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

const objectOf = (file: string): { kind: string; spec: { schedule?: string; timeZone?: string } } => {
  const [document, ...others] = parseAllDocuments(readFileSync(new URL(file, FOLDER), 'utf8'));
  if (document === undefined || others.length > 0) throw new Error(`${file} holds not one object`);
  return document.toJS() as ReturnType<typeof objectOf>;
};

const VALIDATORS: Readonly<Record<string, (value: unknown) => { readonly valid: boolean }>> = {
  ComplianceProfile: validateComplianceProfile,
  ComplianceCheck: validateComplianceCheck,
  ClusterComplianceCheck: validateClusterComplianceCheck,
};

describe('examples/compliance', () => {
  it('has one of each kind', () => {
    expect(FILES.map((file) => objectOf(file).kind).toSorted()).toEqual(Object.keys(VALIDATORS).toSorted());
  });

  it.each(FILES)('%s is valid, and its schedule has a next time', async (file) => {
    const object = objectOf(file);
    expect(VALIDATORS[object.kind]?.(object)).toMatchObject({ valid: true });
    const { schedule, timeZone } = object.spec;
    if (schedule === undefined) return;
    const parsed = (await loadScheduleParser())(schedule, timeZone ?? 'Etc/UTC');
    expect(parsed.kind === 'schedule' && parsed.schedule.nextMs(Date.now())).toBeGreaterThan(Date.now());
  });

  it('has a profile of which this version knows every check', () => {
    const validation = validateComplianceProfile(objectOf('mcp-baseline-v1.yaml'));
    if (!validation.valid) throw new Error(JSON.stringify(validation.errors));
    const read = readProfile(validation.profile, { checks: CHECKS, controls: () => ({}) });
    expect(read.kind === 'profile' && read.profile.checks.length).toBeGreaterThan(35);
  });
});
