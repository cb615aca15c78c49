import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../core/logger.ts';
import { ownerName } from '../../reports/index.ts';
import { ownerOf } from './kinds.ts';
import { createReportSweep } from './report-sweep.ts';
import { aCheck, aClusterCheck, aServer, covered } from './testing/objects.ts';

const { signal } = new AbortController();
const nightly = aCheck();
const fleet = aClusterCheck();
const one = covered(aServer('one'));

describe('the sweep over reports', () => {
  it('wants what a check that is there found of a server that it covers, and nothing else', async () => {
    let isWanted: (owner: string, uid: string) => boolean = () => true;
    const sweep = createReportSweep({
      publisher: {
        sweep: (wanted) => {
          isWanted = wanted;
          return Promise.resolve();
        },
      },
      checks: () => [nightly],
      servers: { coveredBy: () => [one] },
      logger: silentLogger,
    });
    await sweep(signal);
    expect(isWanted(ownerName(ownerOf(nightly)), 'uid-one')).toBe(true);
    expect(isWanted(ownerName(ownerOf(nightly)), 'uid-two')).toBe(false);
    expect(isWanted(ownerName(ownerOf(fleet)), 'uid-one')).toBe(false);
  });

  it('lets no run fail', async () => {
    const sweep = createReportSweep({
      publisher: { sweep: () => Promise.reject(new Error('forbidden')) },
      checks: () => [nightly],
      servers: { coveredBy: () => [one] },
      logger: silentLogger,
    });
    await expect(sweep(signal)).resolves.toBeUndefined();
  });
});
