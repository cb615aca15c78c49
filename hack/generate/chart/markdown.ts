/** Regions of hand-written Markdown that a generator fills: everything between two comments, the comments kept. */

/**
 * Returns `document` with the text between `<!-- begin NAME -->` and `<!-- end NAME -->` replaced by `content`.
 * @throws Error when the document has no such region.
 */
export function fillRegion(document: string, name: string, content: string): string {
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`no region ${name}: write ${begin} and ${end} where it belongs`);
  return `${document.slice(0, from + begin.length)}\n\n${content.trim()}\n\n${document.slice(to)}`;
}
