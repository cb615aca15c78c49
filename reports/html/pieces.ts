/** What several sections are made of. */
import type { FindingRecord, ServerReference } from '../../checks/engine/record.ts';
import type { Severity } from '../../checks/finding.ts';
import { markup, type Markup, type MarkupValue } from '../markup.ts';

/** A moment for people, with its full form for programs. Times are UTC everywhere: an auditor compares them with logs. */
export function moment(time: string | undefined): Markup {
  if (time === undefined) return markup`<span class="soft">not yet</span>`;
  const date = new Date(time);
  if (Number.isNaN(date.valueOf())) return markup`${time}`;
  const iso = date.toISOString();
  return markup`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC</time>`;
}

/** `87 %`, or a dash where there is nothing to be a part of. */
export function percentage(value: number | undefined): string {
  return value === undefined ? '–' : `${value} %`;
}

export function severityLabel(severity: Severity): Markup {
  return markup`<span class="severity ${severity}">${severity}</span>`;
}

/** The server, its name first: what people look for. */
export function serverLabel({ namespace, name }: ServerReference): Markup {
  return markup`<p class="name">${name}</p>${namespace !== '' && markup`<p class="small soft name">${namespace}</p>`}`;
}

/** Where the evidence of a finding stands on the page. */
export function evidenceAnchor(digest: string): string {
  return `evidence-${digest.replace(/[^a-z0-9]/g, '-').slice(0, 24)}`;
}

const TONES: Readonly<Record<FindingRecord['outcome'], string>> = {
  Pass: 'good',
  Fail: 'bad',
  Error: 'bad',
  Warn: 'warn',
  Untestable: 'none',
  NotApplicable: 'none',
  Waived: 'warn',
  Manual: 'none',
};

export function outcomeLabel(outcome: FindingRecord['outcome']): Markup {
  return markup`<strong class="${TONES[outcome]}">${outcome}</strong>`;
}

/** A column of a table, and how a row fills it. */
export interface Column<T> {
  readonly name: string;
  readonly cell: (row: T) => MarkupValue;
  readonly kind?: 'number' | 'wide';
}

/**
 * A table that scrolls sideways where it must.
 * @param captioned whether the caption is seen too, and not only heard: not below a heading that says the same.
 */
export function table<T>(
  caption: string,
  columns: readonly Column<T>[],
  rows: readonly T[],
  captioned = true,
): Markup {
  const heads = columns.map(({ name, kind = '' }) => markup`<th scope="col" class="${kind}">${name}</th>`);
  const body = rows.map(
    (
      row,
    ) => markup`<tr>${columns.map(({ cell, kind = '' }) => markup`<td class="${kind}">${cell(row)}</td>`)}</tr>
`,
  );
  return markup`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table><caption class="${captioned ? '' : 'heard'}">${caption}</caption>
<thead><tr>${heads}</tr></thead>
<tbody>
${body}</tbody></table></div>
`;
}

/** A section with its heading, to which the contents point. */
export function section(id: string, title: string, ...content: readonly MarkupValue[]): Markup {
  return markup`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>
${content}</section>
`;
}

export function nothing(text: string): Markup {
  return markup`<p class="soft">${text}</p>`;
}

/** `1 server`, `2 servers`. */
export function amount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
