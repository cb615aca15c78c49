/** How well the checks on text tell honest definitions from malicious ones, check by check: the corpus of public servers, and our attacks. */
import { textQuality } from '../../corpus/precision-recall.ts';
import type { Phase } from '../bench.ts';

const PERCENT = 100;

export const textQualityPhase: Phase = {
  name: 'text-quality',
  run: ({ record, report }) => {
    const checks = textQuality();
    for (const { check, honest, falsePositives, malicious, precision, recall, heldOut } of checks)
      report(
        `    ${check}: precision ${percent(precision)}, recall ${percent(recall)} of ${malicious} (held out: ${heldOut.found} of ${heldOut.malicious}), doubts ${falsePositives.length} of ${honest} honest tools`,
      );
    record(
      'textFalsePositives',
      PERCENT * Math.max(...checks.map((each) => each.falsePositives.length / each.honest)),
    );
    record('textPrecision', PERCENT * Math.min(...checks.map((each) => each.precision)));
    record('textRecall', PERCENT * Math.min(...checks.map((each) => each.recall)));
    return Promise.resolve();
  },
};

function percent(share: number): string {
  return `${(share * PERCENT).toFixed(1)} %`;
}
