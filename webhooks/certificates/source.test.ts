import { Registry } from 'prom-client';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LogFields, Logger } from '../../core/logger.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import { LIFETIMES } from './lifetimes.ts';
import { createCertificateMetrics } from './metrics.ts';
import { StoredCertificateSource } from './source.ts';
import type { StoredCertificates } from './stored.ts';
import { at, DAY_MS, fresh, HOUR_MS, NOTHING, SERVICE, START, step } from './testing/certificates.ts';

const stored = fresh();
const renewed = step({ ...stored, cert: '' }, at(HOUR_MS));
const METRIC = 'mcp_operator_webhook_certificate_expiry_timestamp_seconds';

let registry: Registry;
let source: StoredCertificateSource;
let lines: { readonly message: string; readonly fields: LogFields }[];
let changes: number;

const logger: Logger = {
  error: (message, fields = {}) => void lines.push({ message, fields }),
  warn: (message, fields = {}) => void lines.push({ message, fields }),
  info: (message, fields = {}) => void lines.push({ message, fields }),
  debug: (message, fields = {}) => void lines.push({ message, fields }),
  child: () => logger,
};

beforeEach(() => {
  registry = new Registry();
  lines = [];
  changes = 0;
  const metrics = createCertificateMetrics(registry);
  source = new StoredCertificateSource({
    service: SERVICE,
    metrics,
    clock: new FakeClock(START.getTime()),
    logger,
  });
  source.onChange(() => {
    changes += 1;
  });
});

describe('the certificate of a replica', () => {
  it('is there when the Secret has one, and follows it', () => {
    expect(source.current()).toBeUndefined();
    source.load(stored);
    expect(source.current()).toEqual({ cert: stored.cert, key: stored.key });
    source.load(renewed);
    expect(source.current()).toEqual({ cert: renewed.cert, key: renewed.key });
    expect(changes).toBe(2);
  });

  it('is no other when something else in the Secret changes', () => {
    source.load(stored);
    source.load({ ...stored, ca: stored.ca + fresh().ca, caKey: '' });
    expect(changes).toBe(1);
  });

  it.each<[string, StoredCertificates, string]>([
    ['is empty', NOTHING, 'there is none yet'],
    ['has a certificate that cannot be read', { ...renewed, cert: 'x' }, 'it cannot be read'],
    ["has another's key", { ...renewed, key: stored.key }, 'its key is that of another certificate'],
    [
      'has a certificate for another Service',
      fresh(START, { ...SERVICE, name: 'other' }),
      'it is not for mcp-operator-webhook.mcp-system.svc',
    ],
  ])('stays when the Secret %s', (_reason, spoilt, problem) => {
    source.load(stored);
    source.load(spoilt);
    expect(source.current()).toEqual({ cert: stored.cert, key: stored.key });
    expect(changes).toBe(1);
    expect(lines.at(-1)?.fields).toEqual({ problem });
  });

  it.each<[string, Date]>([
    ['has expired', at(-40 * DAY_MS)],
    ['is yet to begin', at(DAY_MS)],
  ])('is served by a replica whose clock says that it %s', (_reason, issuedAt) => {
    source.load(fresh(issuedAt));
    expect(source.current()).toBeDefined();
  });

  it('is served whoever signed it: the administrator may have an issuer whose CA is not in the Secret', () => {
    source.load({ ...stored, ca: '', caKey: '' });
    expect(source.current()).toBeDefined();
  });

  it('is told to logs without its key', () => {
    source.load(stored);
    source.load({ ...renewed, key: stored.key });
    expect(JSON.stringify(lines)).not.toMatch(/PRIVATE|BEGIN/);
    expect(lines).toHaveLength(2);
  });
});

describe('the metric', () => {
  const seconds = (date: Date): number => date.getTime() / 1000;

  it('says when the served certificate and its CA end', async () => {
    source.load(stored);
    const text = await registry.metrics();
    expect(text).toContain(`${METRIC}{certificate="serving"} ${seconds(at(LIFETIMES.servingMs))}`);
    expect(text).toContain(`${METRIC}{certificate="ca"} ${seconds(at(LIFETIMES.caMs))}`);
  });

  it('follows the CA that vouches, not the newest', async () => {
    source.load({ ...stored, ca: stored.ca + fresh(at(HOUR_MS / 2)).ca });
    expect(await registry.metrics()).toContain(`${METRIC}{certificate="ca"} ${seconds(at(LIFETIMES.caMs))}`);
  });

  it('is silent of a CA that is not stored, and before there is a certificate', async () => {
    expect(await registry.metrics()).not.toContain(`${METRIC}{`);
    source.load(stored);
    source.load({ ...renewed, ca: '' });
    const text = await registry.metrics();
    expect(text).toContain(`${METRIC}{certificate="serving"} ${seconds(at(HOUR_MS + LIFETIMES.servingMs))}`);
    expect(text).not.toContain('certificate="ca"');
  });
});
