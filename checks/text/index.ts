/** Checks on the text of definitions: what a server tells the model, judged without asking it anything. */
import type { Check } from '../engine/check.ts';
import { destructive, destructiveHits } from './destructive.ts';
import { hiddenText, hiddenTextHits } from './hidden-text.ts';
import { injection, injectionHits } from './injection.ts';
import type { TextJudge } from './judge.ts';
import { otherToolHits, otherTools } from './other-tools.ts';

/** In the order of their names. */
export const TEXT_CHECKS: readonly Check[] = [injection, hiddenText, otherTools, destructive];

/** What each check finds before it becomes a verdict: what the corpus of honest and malicious definitions measures. */
export const TEXT_HITS = {
  'MCP-S12': injectionHits,
  'MCP-S13': hiddenTextHits,
  'MCP-S16': otherToolHits,
  'MCP-S17': destructiveHits,
} as const satisfies Readonly<Record<string, TextJudge['hits']>>;
export type TextCheckId = keyof typeof TEXT_HITS;
