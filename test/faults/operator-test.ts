/**
 * `it` with a subject of its own for each test, so that tests which mostly wait (a lease takes 15 s to run out) can wait side by side.
 */
import { inject, it } from 'vitest';
import { prepareOperatorUnderFaults, type OperatorUnderFaults } from './operator-under-faults.ts';

/** Use it as `operatorTest.concurrent(name, async ({ subject, expect }) => ...)`. */
export const operatorTest = it.extend<{ readonly subject: OperatorUnderFaults }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads from the pattern which other fixtures this one needs: none
  subject: async ({}, use) => {
    const subject = await prepareOperatorUnderFaults(inject('kubeconfigPath'));
    await use(subject);
    await subject.stop();
  },
});
