import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { mcpServerCustomResource } from '../../api/index.ts';
import { crds, customResourceDefinition } from './crds.ts';

const PATH = 'crds/mcp.kilocode.ai_mcpservers.yaml';

describe('crds/', () => {
  it('holds what the schemas say, on few enough bytes for client-side apply and for people', async () => {
    const { [PATH]: text = '' } = await crds.outputs();
    expect(parse(text)).toEqual(customResourceDefinition(mcpServerCustomResource));
    expect(Buffer.byteLength(text)).toBeLessThan(150 * 1024);
  });

  it('holds nothing that a structural schema may not', async () => {
    const { [PATH]: text = '' } = await crds.outputs();
    expect(text).not.toMatch(/\$ref|borrowed:|allOf|anyOf|oneOf|patternProperties|~kind/);
  });
});
