/** The frame of a page: self-contained, without scripts, and with a policy that allows none. */
import { sha256 } from '../../core/sha256.ts';
import { markup, type Markup, type MarkupValue } from '../markup.ts';
import { STYLE } from './style.ts';

/** A section, for the contents. */
export interface PageSection {
  readonly id: string;
  readonly title: string;
}

/** @returns the whole document. */
export function page(
  title: string,
  header: Markup,
  contents: readonly PageSection[],
  body: readonly MarkupValue[],
): string {
  const document = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<title>${title}</title>
<style>`;
  const rest = markup`</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
${header}
<nav aria-label="Contents"><ul>
${contents.map(({ id, title: name }) => markup`<li><a href="#${id}">${name}</a></li>\n`)}</ul></nav>
<main id="content">
${body}</main>
<footer><p>The score is the weight of what passes among what passes, fails or could not be completed, so that a check that breaks never raises it. The coverage is what could be judged among what applies. Times are UTC.</p></footer>
</body>
</html>
`;
  return `${document.text}${STYLE}${rest.text}`.trimEnd();
}

/** Only this style sheet: whatever got into the page by mistake would neither run nor load. */
function policy(): string {
  const hash = sha256(STYLE).toString('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
}
