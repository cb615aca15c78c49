/** `images`: what may run, in every container that would be rendered, and whether it can change under its name. */
import type { Breach } from '../../check.ts';
import { containersOf } from '../../containers.ts';
import type { Subject } from '../../subject.ts';
import { imagePatternProblem, isImageAllowed } from '../image-pattern.ts';
import { type ImageReference, parseImageReference } from '../image-reference.ts';
import { onceOn } from '../../once.ts';
import { type RuleGroup, entryProblems, oneOf, policyRule } from '../policy-rule.ts';

interface UsedImage {
  readonly path: string;
  readonly value: string;
  /** Undefined when the value is none. */
  readonly reference: ImageReference | undefined;
}

const imagesOf = onceOn((subject: Subject): readonly UsedImage[] =>
  containersOf(subject).map(({ container: { image = '' }, path }) => ({
    path: path('image'),
    value: image,
    reference: parseImageReference(image),
  })),
);

const allowed = policyRule({
  id: 'images.allowed',
  severity: 'high',
  title: 'images come from repositories that are allowed',
  judge: (subject, { images }) => {
    const patterns = images?.allowed;
    if (patterns === undefined) return [];
    return imagesOf(subject).flatMap((image) => notAllowed(image, patterns));
  },
});

function notAllowed({ reference, ...where }: UsedImage, patterns: readonly string[]): readonly Breach[] {
  if (reference === undefined)
    return [
      {
        ...where,
        message: 'This is no reference of an image, so that nobody can say where it comes from.',
        fix: 'Write it like registry.example.com/team/server:1.2.3.',
      },
    ];
  if (isImageAllowed(patterns, reference)) return [];
  const message =
    patterns.length === 0
      ? 'No image is allowed here.'
      : `Images from ${reference.repository} are not allowed here.`;
  return [{ ...where, message, fix: fixOf(patterns) }];
}

function fixOf(patterns: readonly string[]): string {
  if (patterns.length === 0)
    return 'Use a server that runs elsewhere (source.remote), or ask the owner of the policy to allow the image.';
  return `Use an image from ${oneOf(patterns)}, or ask the owner of the policy to allow this one.`;
}

const PINNED = /^sha256:[a-f0-9]{64}$/;

const requireDigest = policyRule({
  id: 'images.requireDigest',
  severity: 'high',
  title: 'images are pinned by digest',
  judge: (subject, { images }) =>
    images?.requireDigest === true ? imagesOf(subject).flatMap(notPinned) : [],
});

function notPinned({ reference, ...where }: UsedImage): readonly Breach[] {
  if (PINNED.test(reference?.digest ?? '')) return [];
  return [
    {
      ...where,
      message: 'The image is not pinned by digest, so that another one may run under its name tomorrow.',
      fix: 'Append @sha256:<digest> of the image that was reviewed.',
    },
  ];
}

export const imageRules: RuleGroup = {
  rules: [allowed, requireDigest],
  problems: ({ images }) => entryProblems('spec.images.allowed', images?.allowed, imagePatternProblem),
};
