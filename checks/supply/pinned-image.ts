import { defineCheck } from '../check.ts';
import { containersOf } from '../containers.ts';
import { UNSET } from '../finding.ts';

/** `name@sha256:...` or `name:tag@sha256:...`. */
const PINNED = /^[^@]+@sha256:[a-f0-9]{64}$/;

/** MCP-C01. From which registries images may come is for policies to say. */
export const pinnedImage = defineCheck(
  {
    id: 'MCP-C01',
    severity: 'high',
    title: 'every image is pinned by its digest',
    references: ['OWASP AISVS 10.1.1', 'OWASP AISVS 10.1.2', 'CIS Kubernetes 5.5.1'],
  },
  (subject) =>
    containersOf(subject)
      .filter(({ container }) => !PINNED.test(container.image ?? ''))
      .map(({ container, path }) => ({
        path: path('image'),
        value: container.image ?? UNSET,
        message: 'The tag may mean another program tomorrow.',
        fix: 'Add the digest of the image that was reviewed: name:tag@sha256:<digest>.',
      })),
);
