/** Builds what the executor keeps of a target before it changes it. */
import type { PreImage } from '../request.ts';

/** Of a ready server at generation 3 with one replica, before {@link aPlan} of `rows.ts` is applied. */
export function aPreImage(changes: Partial<PreImage> = {}): PreImage {
  return {
    resourceVersion: '1',
    generation: 3,
    values: { '/spec/replicas': 1 },
    specHash: `sha256:${'a'.repeat(64)}`,
    expectedSpecHash: `sha256:${'b'.repeat(64)}`,
    inverse: [{ op: 'replace', path: '/spec/replicas', value: 1 }],
    wasReady: true,
    ...changes,
  };
}
