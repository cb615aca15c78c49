/** The chart's dashboard and alerts: well-formed, and about metrics that there are. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { createComplianceMetrics } from '../../controllers/compliancecheck/metrics.ts';
import { createServerMetrics } from '../../controllers/mcpserver/metrics.ts';
import { MetricsRegistry } from '../../operator/runtime/index.ts';

const file = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../charts/mcp-operator/${path}`, import.meta.url)), 'utf8');

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string }[];
}
const dashboard = JSON.parse(file('files/dashboards/mcp-compliance.json')) as {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
};

/** What Grafana needs of a dashboard that is made by hand; each panel asks the data source that the reader chose. */
const DATASOURCE = {
  type: 'object',
  required: ['type', 'uid'],
  properties: { type: { const: 'prometheus' }, uid: { const: '${datasource}' } },
};
const SCHEMA = {
  type: 'object',
  required: ['uid', 'title', 'schemaVersion', 'panels', 'templating', 'time', 'tags', 'timezone'],
  properties: {
    uid: { type: 'string', pattern: '^[a-z0-9-]{1,40}$' },
    title: { type: 'string', minLength: 1 },
    schemaVersion: { type: 'integer', minimum: 36 },
    timezone: { const: 'utc' },
    panels: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: [
          'id',
          'title',
          'description',
          'type',
          'datasource',
          'gridPos',
          'fieldConfig',
          'options',
          'targets',
        ],
        properties: {
          id: { type: 'integer', minimum: 1 },
          title: { type: 'string', minLength: 1 },
          description: { type: 'string', minLength: 1 },
          type: { enum: ['stat', 'timeseries', 'table'] },
          datasource: DATASOURCE,
          gridPos: {
            type: 'object',
            required: ['x', 'y', 'w', 'h'],
            properties: {
              x: { type: 'integer', minimum: 0, maximum: 23 },
              y: { type: 'integer', minimum: 0 },
              w: { type: 'integer', minimum: 1, maximum: 24 },
              h: { type: 'integer', minimum: 3 },
            },
          },
          targets: {
            type: 'array',
            minItems: 1,
            items: {
              type: 'object',
              required: ['refId', 'expr', 'datasource', 'legendFormat'],
              properties: {
                refId: { type: 'string', pattern: '^[A-Z]$' },
                expr: { type: 'string', minLength: 1 },
                datasource: DATASOURCE,
              },
            },
          },
        },
      },
    },
  },
};

/** Names of metrics as they are queried: a histogram's with its suffixes. */
async function metricNames(): Promise<ReadonlySet<string>> {
  const registry = new MetricsRegistry();
  createComplianceMetrics(registry);
  createServerMetrics(registry);
  const text = await registry.metrics();
  return new Set(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
}

function namedIn(text: string): readonly string[] {
  return [...new Set(text.match(/\bmcp_(compliance|server|probe)_[a-z_]+/g) ?? [])];
}

describe('the dashboard', () => {
  it('has what Grafana needs', () => {
    const ajv = new Ajv({ allErrors: true });
    expect(ajv.validate(SCHEMA, dashboard), JSON.stringify(ajv.errors)).toBe(true);
  });

  it('has each id once, and no panel over another or beside the grid', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
  });

  it('uses the variables that it has, and no other', () => {
    const known = ['datasource', 'namespace', 'name'];
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual(known);
    const used = JSON.stringify(dashboard).match(/\$\{?[a-z]+/g) ?? [];
    expect([...new Set(used.map((name) => name.replace(/[${]/g, '')))].toSorted()).toEqual(known.toSorted());
  });

  it('names metrics that there are', async () => {
    const names = await metricNames();
    const named = namedIn(JSON.stringify(dashboard));
    expect(named.length).toBeGreaterThanOrEqual(8);
    expect(named.filter((name) => !names.has(name))).toEqual([]);
  });

  it('shows every metric of compliance', async () => {
    const shown = new Set(
      namedIn(JSON.stringify(dashboard)).map((name) => name.replace(/_(bucket|sum|count)$/, '')),
    );
    const all = [...(await metricNames())].map((name) => name.replace(/_(bucket|sum|count)$/, ''));
    expect(all.filter((name) => name.startsWith('mcp_compliance') && !shown.has(name))).toEqual([]);
  });
});

describe('the alerts', () => {
  it('name metrics that there are', async () => {
    const names = await metricNames();
    const named = namedIn(file('templates/prometheusrule.yaml'));
    expect(named.length).toBeGreaterThanOrEqual(8);
    expect(named.filter((name) => !names.has(name))).toEqual([]);
  });
});
