/**
 * The phrases of MCP-S12, in two classes. Certain: a directive to the model that no honest definition needs, to drop its instructions, to
 * hide from the user, to read or send secrets. Suspicious: what attacks say, and honest definitions sometimes too.
 *
 * They follow the published classes of attack: tool poisoning and shadowing (Invariant Labs, 2025), full-schema poisoning (CyberArk,
 * 2025), OWASP MCP03, and the chat templates of models. English only: other languages need rules of their own.
 */
import { INJECTION_WORDS } from './injection-words.ts';
import { phraseOf } from './notation.ts';
import type { Phrase } from './phrase.ts';

export interface InjectionRule {
  /** What it is called in findings: `override-instructions`. */
  readonly id: string;
  /** Whether it fails the check; otherwise it warns. */
  readonly certain: boolean;
  /** What was found, for a finding's message. */
  readonly meaning: string;
  /** Any of them. */
  readonly phrases: readonly Phrase[];
}

const rule = (
  id: string,
  certain: boolean,
  meaning: string,
  notations: readonly string[],
): InjectionRule => ({
  id,
  certain,
  meaning,
  phrases: notations.map((notation) => phraseOf(notation, INJECTION_WORDS)),
});
const certain = (id: string, meaning: string, notations: readonly string[]): InjectionRule =>
  rule(id, true, meaning, notations);
const suspicious = (id: string, meaning: string, notations: readonly string[]): InjectionRule =>
  rule(id, false, meaning, notations);

/** The certain ones first; see {@link phraseOf} for the notation. */
export const INJECTION_RULES: readonly InjectionRule[] = [
  certain('override-instructions', 'tells the model to drop the instructions that it was given', [
    '! ~ ignore|disregard|forget|discard|abandon $yours ..2 $instructions|restrictions|messages|context',
    '! ~ ignore|disregard|forget all|any|every|everything ..2 instructions|guidelines|guardrails|directives|above|before',
    'your ..2 guidelines|instructions|rules|restrictions|policies ..2 not|no+longer ..1 apply|matter|count',
    '~ override|bypass|circumvent|replace|supersede|supersedes|overrides your|previous|prior|earlier|existing ..2 $instructions|safety|system|restrictions',
  ]),
  certain('hide-from-user', 'tells the model to keep something from the user', [
    '$not ..2 $tell ..3 $user',
    'no ..1 need|reason ..1 to ..0 $tell ..3 $user',
    '! say|mention ..0 nothing ..8 $user',
    'without|behind ..2 knowledge|awareness|knowing|noticing ..3 $user',
    'not|never|dont ..1 let|allow ..2 $user ..1 know|see|notice|find|realize|learn|become',
    'not|never|dont ..1 mention|reveal|disclose ..0 this|that|these|it ..1 instruction|instructions|step|steps|note|notice|to|in|when',
    '! hide|conceal|keep ..1 this|it|these|that|them|step|action ..3 from|secret|hidden|confidential ..3 $user|the|and|at',
    '$user ..1 must|should|can|does|need|will ..1 not|never ..2 know|notice|realize|aware',
    'silently|secretly|covertly|quietly ..1 $pass|$read ..6 to|into|with|$content|$secrets',
  ]),
  certain('read-secrets', 'tells the model to read a file with credentials', [
    '! & $read ..6 $secretFiles ..12 $pass ..4 $content|parameter|argument|field|as|to',
    '! $pass ..3 content|contents|text|value|values|data ..6 $secretFiles|.env',
    'content|contents ..1 reading|from|of ..2 ssh|id|etc|env|$secretFiles ..1 id|rsa|passwd|shadow|$secretFiles',
    'before|prior|first|must|has|order|required ..10 $read ..5 $secretFiles',
  ]),
  certain('send-secrets', 'tells the model to send credentials or its instructions somewhere', [
    '! ~ $send ..5 $secrets ..6 $url|$email|server|endpoint|webhook|attacker',
    '! ~ exfiltrate|leak|steal|harvest ..4 $secrets|data|files|conversation|user',
    '! ~ $pass|reveal|print|repeat|output ..3 your|all|any|every ..3 $allSecrets',
    '! ~ $pass ..4 conversation|chat|message ..1 history|transcript|messages ..6 $url|$email|endpoint|webhook|server|every',
  ]),
  certain('chat-template', 'holds the marks that a chat template puts around roles', ['$marks']),
  certain('redirect', 'changes where the calls of other tools go', [
    '& all|any|every|when|whenever|always|must ..6 emails|email|mails|messages|message|payments|payment|transfers|send_email|recipient|recipients ..8 sent|send|bcc|cc|forward|forwarded|redirect|redirected|change|changed|replace|replaced|set|routed|addressed|to ..6 $email',
    '! bcc|cc|forward ..3 every|all|each|any ..3 email|emails|message|messages|mail ..6 $email|$url',
  ]),
  suspicious('attention-tag', 'opens a block of the kind that attacks use to get the attention of a model', [
    '$tags',
  ]),
  suspicious('new-role', 'gives the model another role', [
    'you ..0 are ..0 now|no+longer',
    'developer|dan|god|jailbreak|unrestricted|debug ..0 mode ..1 enabled|activated|on',
    '! new|updated|additional ..0 instructions',
    '! treat|regard ..6 as ..1 system|instruction|instructions|command|commands',
    '! pretend|act|behave|imagine ..4 you ..3 no|without ..1 restrictions|limits|rules|filters|guidelines',
    'new|updated ..0 system ..0 instructions|prompt|message',
    'from+now ..0 on ..2 you|always|never|every',
  ]),
  suspicious('silence', 'tells the model not to show or ask the user something', [
    '$not ..1 $show ..6 $user',
    '! skip|skipping|bypass|bypassing ..2 user ..1 consent|approval|confirmation|permission',
  ]),
  suspicious('every-tool', 'claims a say over every other tool', [
    'before|after|instead|prior ..3 any|every|all|each ..1 other|another ..1 tool|tools|function|functions ..8 must|always|call|required|first|never',
    'must|always|required ..6 before|instead ..3 any|every|all|each ..1 other|another ..1 tool|tools|function|functions',
  ]),
  suspicious('ask-for-context', 'asks for the conversation, the prompt or a file with credentials', [
    '! ~ $pass ..3 entire|full|complete|whole|all|verbatim|your ..3 conversation|chat|system+prompt|system+instructions|previous+messages',
    '! ~ $read ..3 $secretFiles',
    'text|content|contents|output ..0 of ..1 $secretFiles|env|printenv',
    'before|when|whenever ..4 transfer|payment|transaction ..4 replace|change|swap ..3 recipient|address|account',
  ]),
  suspicious('threat', 'threatens with what happens if the model does not obey', [
    '& otherwise|or+else ..2 tool|application|system|user|proxy|server|you ..6 crash|lose|die|destroyed|terminated|fired|punished|hacked|punish',
  ]),
];
