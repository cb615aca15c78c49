/**
 * The ValidatingAdmissionPolicy over stamps: without the webhooks nobody is recorded, but nobody can say either that somebody else wrote an object,
 * or take away who did. It computes what the webhook would write, and is silent where CEL cannot: a name with control characters, and stamps from
 * before there was a webhook.
 */
import { ANNOTATIONS } from '../../../../api/group.ts';
import type { Judgement } from '../cel.ts';
import { EXECUTOR_USERNAME, PERSON_KEY } from './usernames.ts';

const CREATED_BY = ANNOTATIONS.createdBy;
const CHANGED_BY = ANNOTATIONS.changedBy;
/** As many persons as the webhook names. */
const MAX_PERSONS = 16;

/** A text of JSON without an escape that CEL could not make. */
const TEXT = String.raw`"([^"\\]|\\["\\])*"`;
const PERSON = String.raw`\{"username":${TEXT},"uid":${TEXT}(,"person":${TEXT})?\}`;
const PERSONS = String.raw`^\[${PERSON}(,${PERSON})*\]$`;
const NEXT_PERSON = '},{"username":"';

const isCreate = 'request.operation == "CREATE"';
const annotation = (object: string, name: string): string =>
  `${object}.metadata.?annotations[?${JSON.stringify(name)}].orValue("")`;
const stored = (name: string): string => `${isCreate} ? "" : ${annotation('oldObject', name)}`;
/** CEL for the text as JSON has it, without the quotes around it. */
const escaped = (text: string): string =>
  `${text}.replace(${JSON.stringify('\\')}, ${JSON.stringify('\\\\')}).replace(${JSON.stringify('"')}, ${JSON.stringify('\\"')})`;

/** @returns what is judged, and how. */
export function stampLock(): Judgement {
  return {
    matchConditions: [
      { name: 'not-being-deleted', expression: `${isCreate} || !has(oldObject.metadata.deletionTimestamp)` },
    ],
    variables: [
      { name: 'uid', expression: 'has(request.userInfo.uid) ? request.userInfo.uid : ""' },
      { name: 'person', expression: PERSON_OF_REQUEST },
      {
        name: 'sayable',
        expression: `!(request.userInfo.username + variables.uid + variables.person).matches(${JSON.stringify(String.raw`[\x00-\x1f]`)})`,
      },
      {
        name: 'me',
        expression: [
          JSON.stringify('{"username":"'),
          escaped('request.userInfo.username'),
          JSON.stringify('","uid":"'),
          escaped('variables.uid'),
          JSON.stringify('"'),
          `(variables.person == "" ? "" : ${JSON.stringify(',"person":"')} + ${escaped('variables.person')} + ${JSON.stringify('"')})`,
          JSON.stringify('}'),
        ].join(' + '),
      },
      { name: 'createdBy', expression: annotation('object', CREATED_BY) },
      { name: 'changedBy', expression: annotation('object', CHANGED_BY) },
      { name: 'createdByBefore', expression: stored(CREATED_BY) },
      { name: 'changedByBefore', expression: stored(CHANGED_BY) },
      { name: 'changes', expression: `${isCreate} || object.spec != oldObject.spec` },
      { name: 'others', expression: OTHERS },
      {
        name: 'due',
        expression: '"[" + (variables.others == "" ? "" : variables.others + ",") + variables.me + "]"',
      },
    ],
    validations: [refusing(CREATED_BY, CREATED_BY_IS_SOUND), refusing(CHANGED_BY, CHANGED_BY_IS_SOUND)],
  };
}

const KEY = JSON.stringify(PERSON_KEY);

/** What tells the person from others, where that is not the username; the chart knows the key. */
const PERSON_OF_REQUEST = [
  `${KEY} == "" || !has(request.userInfo.extra) || !(${KEY} in request.userInfo.extra) ? ""`,
  `size(request.userInfo.extra[${KEY}]) == 0 || request.userInfo.extra[${KEY}][0] == request.userInfo.username ? ""`,
  `request.userInfo.extra[${KEY}][0]`,
].join(' : ');

/** Whoever is named already, but for the one who asks; `?` where that cannot be told. */
const OTHERS = [
  // What it changes was approved: whoever changed the spec before that counts no longer.
  `request.operation == "UPDATE" && request.userInfo.username == ${JSON.stringify(EXECUTOR_USERNAME)} ? ""`,
  'variables.changedByBefore == "" ? ""',
  `!variables.changedByBefore.matches(${JSON.stringify(PERSONS)}) ? "?"`,
  'variables.changedByBefore == "[" + variables.me + "]" ? ""',
  'variables.changedByBefore.substring(1, size(variables.changedByBefore) - 1).replace(variables.me + ",", "").replace("," + variables.me, "")',
].join(' : ');

/** Without the webhook an object has no creator: that is no lie. */
const CREATED_BY_IS_SOUND = [
  'variables.createdBy == variables.createdByBefore',
  `(${isCreate} && (variables.createdBy == variables.me || !variables.sayable))`,
].join(' || ');

/** Of a full list the oldest is let go: what is left is the end of what is due. */
const CHANGED_BY_IS_SOUND = [
  'variables.changedBy == variables.changedByBefore',
  `(variables.changes && ${anyOf(
    '!variables.sayable',
    'variables.changedBy == variables.due',
    'variables.others == "?" && variables.changedBy.endsWith(variables.me + "]")',
    `size(variables.changedBy.split(${JSON.stringify(NEXT_PERSON)})) == ${MAX_PERSONS} && variables.changedBy.startsWith("[") && variables.due.endsWith("," + variables.changedBy.substring(1))`,
  )})`,
].join(' || ');

function anyOf(...terms: readonly string[]): string {
  return `(${terms.map((term) => `(${term})`).join(' || ')})`;
}

function refusing(name: string, expression: string) {
  return {
    expression,
    message: `${name} tells who wrote this object, and admission alone writes it: create without it, and keep it as it is stored`,
    reason: 'Forbidden',
  } as const;
}
