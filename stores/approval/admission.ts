/** What admission refused, and in which times it was whole. */
import type { AdmissionInterval, ApprovalFence, RefusedAttempt } from '../../approval/store.ts';
import type { Executor } from '../executor.ts';
import { storable, storableText, storableTime } from '../history/values.ts';
import { personalText } from '../ledger/entry.ts';

/** @see ApprovalStore.recordRefusal */
export async function recordRefusal(executor: Executor, attempt: RefusedAttempt): Promise<void> {
  const { person, requestUid, ...told } = attempt;
  const personal = person === '' ? {} : { person: personalText(storableText(person)) };
  const about = { namespace: storableText(told.namespace), name: storableText(told.name) };
  await executor.amend(
    { kind: 'ApprovalRefused', body: storable({ request: requestUid, ...told }), personal },
    async (tx, seq) => {
      await tx
        .insertInto('approval_refusals')
        .values({ ...about, seq })
        .execute();
    },
  );
}

/** @see ApprovalStore.recordAdmission */
export async function recordAdmission(
  executor: Executor,
  observation: { readonly fingerprint: string; readonly at: string; readonly isContinuous: boolean },
  fence: ApprovalFence,
): Promise<void> {
  const { fingerprint, isContinuous } = observation;
  const at = storableTime(observation.at, 'at');
  await executor.write(fence, async ({ tx, record }) => {
    const last = await tx
      .selectFrom('admission_intervals')
      .selectAll()
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (last !== undefined && isContinuous && last.fingerprint === fingerprint) {
      await tx.updateTable('admission_intervals').set({ ended_at: at }).where('id', '=', last.id).execute();
      return;
    }
    await tx.insertInto('admission_intervals').values({ fingerprint, began_at: at, ended_at: at }).execute();
    record({ kind: 'AdmissionChanged', body: { fingerprint, at, before: last?.fingerprint ?? '' } });
  });
}

/** @see ApprovalReader.admissionIntervals */
export async function admissionIntervals(
  executor: Executor,
  from: string,
): Promise<readonly AdmissionInterval[]> {
  const rows = await executor.read((db) =>
    db
      .selectFrom('admission_intervals')
      .select(['fingerprint', 'began_at', 'ended_at'])
      .where('ended_at', '>=', new Date(storableTime(from, 'from')))
      .orderBy('id')
      .execute(),
  );
  return rows.map(({ fingerprint, began_at, ended_at }) => ({
    fingerprint,
    from: began_at.toISOString(),
    to: ended_at.toISOString(),
  }));
}
