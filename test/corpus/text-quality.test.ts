/** Holds the checks on text to the corpus: hardly a false alarm over public servers, and what attacks they are known to find. */
import { describe, expect, it } from 'vitest';
import { honestSize, textQuality } from './precision-recall.ts';

/** The most of the honest tools that a check may say something of, and of those the most that it may fail. */
const MAX_FALSE_POSITIVES = 0.01;
const MAX_FALSE_FAILURES = 0.002;
/** What they find today; a rule that loses some of it must say why. */
const MIN_RECALL = 1;

describe('checks on text over the corpus', () => {
  it('is large enough to mean something', () => {
    const { servers, tools } = honestSize();
    expect(servers).toBeGreaterThanOrEqual(50);
    expect(tools).toBeGreaterThanOrEqual(1_000);
  });

  it.each(textQuality())('$check: false alarms and recall', (quality) => {
    const { check, honest, falsePositives, falseFailures, malicious, missed, recall, precision } = quality;
    const percent = ((falsePositives.length / honest) * 100).toFixed(2);
    process.stdout.write(
      `${check}: ${percent} % of ${honest} honest tools, recall ${recall.toFixed(2)} of ${malicious}, precision ${precision.toFixed(2)}\n`,
    );
    expect(malicious).toBeGreaterThanOrEqual(5);
    expect(falsePositives.length / honest, falsePositives.join('\n')).toBeLessThan(MAX_FALSE_POSITIVES);
    expect(falseFailures / honest).toBeLessThan(MAX_FALSE_FAILURES);
    expect(missed).toEqual([]);
    expect(recall).toBeGreaterThanOrEqual(MIN_RECALL);
  });
});
