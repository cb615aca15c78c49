/** Holds the checks on text to the corpus: hardly a false alarm over public servers, and what attacks they are known to find. */
import { describe, expect, it } from 'vitest';
import { honestSize, textQuality } from './precision-recall.ts';

/** The most of the honest tools that a check may say something of, and of those the most that it may fail. */
const MAX_FALSE_POSITIVES = 0.01;
const MAX_FALSE_FAILURES = 0.002;
/**
 * What they find today of the cases that were held out: whoever changes a rule to find more of these must write new ones. Of the cases that
 * the rules were written with they find all.
 */
const MIN_HELD_OUT: Readonly<Record<string, number>> = {
  'MCP-S12': 10,
  'MCP-S13': 5,
  'MCP-S16': 2,
  'MCP-S17': 2,
};

describe('checks on text over the corpus', () => {
  it('is large enough to mean something', () => {
    const { servers, tools } = honestSize();
    expect(servers).toBeGreaterThanOrEqual(50);
    expect(tools).toBeGreaterThanOrEqual(1_000);
  });

  it.each(textQuality())('$check: false alarms and recall', (quality) => {
    const { check, honest, falsePositives, falseFailures, malicious, missed, recall, precision, heldOut } =
      quality;
    const percent = ((falsePositives.length / honest) * 100).toFixed(2);
    process.stdout.write(
      `${check}: ${percent} % of ${honest} honest tools, recall ${recall.toFixed(2)} of ${malicious} (held out: ${heldOut.found} of ${heldOut.malicious}), precision ${precision.toFixed(2)}\n`,
    );
    expect(malicious).toBeGreaterThanOrEqual(5);
    expect(falsePositives.length / honest, falsePositives.join('\n')).toBeLessThan(MAX_FALSE_POSITIVES);
    expect(falseFailures / honest).toBeLessThan(MAX_FALSE_FAILURES);
    expect(missed.filter((why) => !why.startsWith('held out: '))).toEqual([]);
    expect(heldOut.found).toBeGreaterThanOrEqual(MIN_HELD_OUT[check] ?? Infinity);
  });
});
