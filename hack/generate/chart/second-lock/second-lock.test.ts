import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { securityPolicySchema } from '../../../../api/index.ts';
import type { JsonSchema } from '../../../../api/schema/json-schema.ts';
import { POLICY_RULES } from '../../../../checks/index.ts';
import { SECOND_LOCK } from '../../../../controllers/locks/index.ts';
import { policyProblem } from '../../../../controllers/locks/inspect.ts';
import type { Judgement } from '../cel.ts';
import { secondLock } from './index.ts';
import { SERVER_RULES } from './server-lock.ts';

const policies = Object.entries(secondLock()) as [string, Judgement][];

describe('secondLock', () => {
  it.each(SECOND_LOCK)('is whole to whoever watches it: $name', (part) => {
    const metadata = { name: part.name };
    const spec = Object(secondLock()[part.name]);
    expect(policyProblem({ apiVersion: '', kind: '', metadata, spec }, part)).toBeUndefined();
  });

  it.each(policies)(
    'refers to variables only where they are known: %s',
    (_name, { variables, validations }) => {
      const known = new Set<string>();
      const unknownIn = (text: string): string[] =>
        [...text.matchAll(/variables\.(\w+)/g)]
          .map(([, name = '']) => name)
          .filter((name) => !known.has(name));
      for (const { name, expression } of variables) {
        expect(unknownIn(expression)).toEqual([]);
        known.add(name);
      }
      expect(known.size).toBe(variables.length);
      expect(
        validations.flatMap(({ expression, messageExpression = '' }) =>
          unknownIn(expression + messageExpression),
        ),
      ).toEqual([]);
    },
  );

  it('has rules of MCPSecurityPolicy alone, each once', () => {
    const ids = SERVER_RULES.map(({ id }) => id);
    const fieldOf = (id: string): JsonSchema | undefined =>
      ['spec', ...id.split('.')].reduce<JsonSchema | undefined>(
        (schema, key) => schema?.properties?.[key],
        securityPolicySchema,
      );
    expect(ids.filter((id) => fieldOf(id) === undefined)).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is described: which rules it has, and which it leaves to the webhook', () => {
    const text = readFileSync(new URL('../../../../docs/security.md', import.meta.url), 'utf8').replaceAll(
      /\s+/g,
      ' ',
    );
    const listed = (title: string): string[] => {
      const [, list = ''] = text.split(`**${title}:**`);
      const [sentence = ''] = list.split('. -');
      return [...sentence.matchAll(/`([\w.]+)`/g)].map(([, id = '']) => id).toSorted();
    };
    const ids = SERVER_RULES.map(({ id }) => id);
    expect(listed('Rules it has')).toEqual(ids.toSorted());
    const others = POLICY_RULES.map(({ id }) => id).filter((id) => !ids.includes(id));
    expect(listed('Rules it leaves to the webhook')).toEqual(others.toSorted());
  });
});
