/** Reports as their readers see them: OSCAL by compliance-trestle, the page in a browser, JUnit by a parser. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBrowser, ensureTrestle } from '../../hack/report-readers/index.ts';
import { formatPack, formatRun, type RunReport } from '../../reports/index.ts';
import {
  GITHUB,
  SAMPLE_RESULTS,
  hostileReport,
  sampleFinding,
  sampleReport,
  sampleRun,
} from '../../reports/testing/sample.ts';

const run = promisify(execFile);

let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'reports-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

async function save(name: string, text: string): Promise<string> {
  const path = join(scratch, name);
  await writeFile(path, text);
  return path;
}

const NOTHING = sampleReport({ results: [], history: [], run: sampleRun({ finishedAt: undefined }) });

describe('OSCAL', () => {
  const READ = `
import sys
from pathlib import Path
from trestle.oscal.assessment_results import AssessmentResults
document = AssessmentResults.oscal_read(Path(sys.argv[1]))
result = document.results[0]
print(document.metadata.oscal_version.root.root, *(len(part or []) for part in (result.observations, result.findings, result.risks)))
`;
  const read = async (text: string): Promise<string> => {
    const file = await save('assessment-results.json', text);
    const { stdout } = await run(await ensureTrestle(), ['-W', 'ignore', '-c', READ, file], {
      timeout: 50_000,
    });
    return stdout.trim();
  };

  it.each<[string, RunReport, string]>([
    ['a run', sampleReport(), '1.2.1 8 7 3'],
    ['hostile texts', hostileReport(), '1.2.1 8 1 3'],
    ['no server, and no end', NOTHING, '1.2.1 0 0 0'],
  ])('is read by compliance-trestle: %s', async (_reason, report, expected) => {
    expect(await read(formatRun('oscal', report))).toBe(expected);
  });

  it('that is wrong is refused by it', async () => {
    const wrong = formatRun('oscal', sampleReport()).replaceAll('"collected"', '"gathered"');
    await expect(read(wrong)).rejects.toThrow('collected');
  });
});

describe('JUnit', () => {
  const READ = `
import sys
from xml.etree import ElementTree
root = ElementTree.parse(sys.argv[1]).getroot()
count = lambda tag: len(root.findall('./testsuite/testcase/' + tag))
print(root.tag, *(root.get(name) for name in ('tests', 'failures', 'errors')), count('failure'), count('error'), count('skipped'))
`;

  it.each<[string, RunReport, string]>([
    ['a run', sampleReport(), 'testsuites 8 1 1 1 1 4'],
    ['hostile texts', hostileReport(), 'testsuites 8 1 1 1 1 4'],
    ['no server', NOTHING, 'testsuites 0 0 0 0 0 0'],
  ])('is read by an XML parser, and its counts agree: %s', async (_reason, report, expected) => {
    const file = await save('junit.xml', formatRun('junit', report));
    const { stdout } = await run(await ensureTrestle(), ['-c', READ, file]);
    expect(stdout.trim()).toBe(expected);
  });
});

describe('the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    // Root has no user namespaces of its own in many containers; the pages are ours.
    browser = await chromium.launch({ executablePath: await ensureBrowser(), args: ['--no-sandbox'] });
  });
  afterAll(() => browser.close());

  interface Opened {
    readonly page: Page;
    readonly requests: readonly string[];
    readonly complaints: readonly string[];
  }

  async function open(text: string, width = 1280): Promise<Opened> {
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    const [requests, complaints]: [string[], string[]] = [[], []];
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    const url = pathToFileURL(await save('report.html', text)).href;
    await page.goto(url);
    return { page, requests: requests.filter((each) => each !== url), complaints };
  }

  it('renders without a complaint, and asks for nothing', async () => {
    const { page, requests, complaints } = await open(formatRun('html', sampleReport()));
    expect({ requests, complaints }).toEqual({ requests: [], complaints: [] });
    expect(await page.title()).toBe('Compliance of MCP servers: mcp-baseline-v1, 2026-11-25');
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Compliance of MCP servers');
    // The style sheet was let in by the page's own policy.
    expect(await page.evaluate('getComputedStyle(document.querySelector(".figures")).display')).toBe('grid');
  });

  it('has a plot that says in words what it shows', async () => {
    const { page } = await open(formatRun('html', sampleReport()));
    const plot = page.getByRole('img', { name: 'Score and coverage over time' });
    expect(await plot.isVisible()).toBe(true);
    const box = await plot.locator('polyline.score').boundingBox();
    expect(box?.width).toBeGreaterThan(500);
    expect(await plot.locator('desc').textContent()).toContain('from 42 % to 71 % over 10 runs');
  });

  it('leads from every entry of its contents, and from findings to their evidence', async () => {
    const { page } = await open(formatRun('html', sampleReport()));
    const broken = await page.evaluate(
      '[...document.querySelectorAll("a[href]")].map(a => a.getAttribute("href")).filter(href => !document.querySelector(href))',
    );
    expect(broken).toEqual([]);
    expect(await page.locator('#evidence details').count()).toBe(1);
  });

  it.each([
    ['the run', formatRun('html', hostileReport())],
    ['the pack', formatPack('html', packOf(hostileReport()))],
  ])('shows hostile texts as texts: %s', async (_reason, text) => {
    const { page, requests } = await open(text);
    expect(requests).toEqual([]);
    expect(await page.evaluate('globalThis.pwned ?? "clean"')).toBe('clean');
    expect(await page.locator('script, img, iframe, object, [onerror]').count()).toBe(0);
    expect(await page.getByText('<script>globalThis.pwned=1</script>').count()).toBeGreaterThan(5);
  });

  it.each([1280, 400])('fits into a window of %i pixels: only tables scroll sideways', async (width) => {
    const { page } = await open(formatRun('html', sampleReport()), width);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
  });

  it.each(['light', 'dark'] as const)(
    'can be read in the %s scheme, by the contrast that WCAG asks for',
    async (colorScheme) => {
      const { page } = await open(formatRun('html', sampleReport()));
      await page.emulateMedia({ colorScheme });
      expect(await page.evaluate(FAINT_TEXTS)).toEqual([]);
    },
  );

  it('prints, with what is folded unfolded', async () => {
    const { page } = await open(formatRun('html', sampleReport()));
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('#evidence pre').isVisible()).toBe(true);
  });

  it('of a thousand servers is still a page', async () => {
    const results = Array.from({ length: 1000 }, (_, index) => {
      const server = { ...GITHUB, name: `server-${index}`, uid: `uid-${index}` };
      return {
        server,
        findings: Array.from({ length: 45 }, (_each, check) =>
          sampleFinding({ server, check: `MCP-X${check}` }),
        ),
        evidence: [],
        score: index % 100,
      };
    });
    const text = formatRun('html', sampleReport({ results }));
    expect(text.length).toBeLessThan(8 * 1024 * 1024);
    const { page } = await open(text);
    expect(await page.getByText('44000 more are in the JSON and CSV reports').count()).toBe(1);
  });
});

/** Runs in the page: texts whose colour is too near to what is behind them. */
const FAINT_TEXTS = `(() => {
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const colour = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const behind = (element) => {
    for (let each = element; each !== null; each = each.parentElement) {
      const found = colour(getComputedStyle(each).backgroundColor);
      if (found.length === 3) return found;
    }
    throw new Error('nothing is behind a text');
  };
  const texts = [...document.querySelectorAll('p, td, th, dt, dd, a, h1, h2, h3, figcaption, summary, strong, code')];
  if (texts.length < 50) throw new Error('there are hardly any texts');
  return texts.flatMap((element) => {
    const [one, other] = [luminance(colour(getComputedStyle(element).color).slice(0, 3)), luminance(behind(element))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    return contrast < 4.5 ? [element.tagName + ' ' + element.textContent.slice(0, 30) + ' ' + contrast] : [];
  });
})()`;

function packOf(report: RunReport): Parameters<typeof formatPack>[1] {
  return {
    period: { from: '2026-11-01T00:00:00.000Z', to: '2026-11-30T00:00:00.000Z' },
    generatedAt: report.generatedAt,
    runs: [report.run],
    truncated: false,
    last: [{ run: report.run, results: report.results }],
    transitions: SAMPLE_RESULTS.flatMap(({ findings }) => findings).map((finding) => ({
      runId: report.run.id,
      finding,
    })),
    changes: [],
  };
}
