/** Runs one check on one server, in every era it asks for, and makes one verdict of what it says. A check may do anything but end the run. */
import { systemClock, type Clock } from '../../core/clock.ts';
import { abortable, BudgetExceeded, type Era } from '../../mcp/index.ts';
import { CostExceeded, createAsking, meterOf, NOBODY } from './asking.ts';
import type { Check, Verdict } from './check.ts';
import type { CheckContext } from './context.ts';
import { contextOf } from './context-of.ts';
import type { ServerFacts } from './facts.ts';
import { mergeVerdicts, type EraVerdict, type MergedVerdict } from './merge-verdicts.ts';
import { planCheck } from './plan.ts';

const CHECK_TIMEOUT_MS = 30_000;

export interface RunSettings {
  /** Over the check's own defaults. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Of one check in one era. Default 30 seconds. */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
}

/** Rejects with the reason of `signal` and never otherwise. */
export async function runCheck(
  check: Check,
  facts: ServerFacts,
  settings: RunSettings,
  signal: AbortSignal,
): Promise<MergedVerdict> {
  const verdicts: EraVerdict[] = [];
  for (const step of planCheck(check, facts)) {
    const verdict =
      step.kind === 'run' ? await runInEra(check, facts, step.era, settings, signal) : step.verdict;
    verdicts.push({ era: step.era, verdict });
  }
  // A check that swallowed the end of the run has judged half an answer.
  signal.throwIfAborted();
  return mergeVerdicts(verdicts);
}

async function runInEra(
  check: Check,
  facts: ServerFacts,
  era: Era | undefined,
  settings: RunSettings,
  signal: AbortSignal,
): Promise<Verdict> {
  signal.throwIfAborted();
  const meter = meterOf(check, era, facts.replicas.length);
  const deadline = new AbortController();
  const { clock = systemClock, timeoutMs = CHECK_TIMEOUT_MS } = settings;
  const timer = clock.setTimeout(() => deadline.abort(new CheckTimeout()), timeoutMs);
  try {
    const ends = AbortSignal.any([signal, deadline.signal]);
    const { conversation } = facts;
    const ask = conversation === undefined ? NOBODY : createAsking(conversation, era, meter, ends);
    const context = contextOf(check, facts, era, ask, settings.parameters);
    const verdict = await judge(check, context, ends);
    return meter.exceeded ? COST_EXCEEDED : verdict;
  } catch (error) {
    signal.throwIfAborted();
    return meter.exceeded ? COST_EXCEEDED : verdictOfError(deadline.signal.reason ?? error);
  } finally {
    timer.cancel();
  }
}

/** Synchronous throws of a check become rejections here. */
async function judge(check: Check, context: CheckContext, signal: AbortSignal): Promise<Verdict> {
  const applicability = check.applies(context);
  if (!applicability.applies) return { outcome: 'NotApplicable', message: applicability.reason };
  return abortable(Promise.resolve(check.run(context, signal)), signal);
}

class CheckTimeout extends Error {
  override readonly name = 'CheckTimeout';
}

const COST_EXCEEDED: Verdict = {
  outcome: 'Error',
  message: 'The check asks more of the server than it publishes.',
};

/** Never the error's own words: they may be the server's. */
function verdictOfError(error: unknown): Verdict {
  if (error instanceof CostExceeded) return COST_EXCEEDED;
  if (error instanceof BudgetExceeded) {
    return { outcome: 'Untestable', message: 'The requests that one run may send to a server are used up.' };
  }
  if (error instanceof CheckTimeout) {
    return { outcome: 'Error', message: 'The check did not end within its time.' };
  }
  return { outcome: 'Error', message: 'The check broke off with an error of its own.' };
}
