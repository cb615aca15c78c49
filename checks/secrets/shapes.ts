/**
 * Secrets that are known by their shape alone, whatever the variable is called: issuers give their tokens prefixes so that they
 * can be found. Each pattern begins and ends at the edge of a word and repeats no group, so that a text is read in linear time.
 */

interface Shape {
  /** What a finding calls it. */
  readonly class: string;
  readonly pattern: RegExp;
}

/** @returns the pattern, beginning where a word begins. */
function word(pattern: string, flags = ''): RegExp {
  return new RegExp(`(?<![A-Za-z0-9_-])${pattern}`, `g${flags}`);
}

/** Tokens of one issuer, by their prefixes. */
const ISSUED: readonly Shape[] = [
  { class: 'GitHub token', pattern: word('(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,})') },
  { class: 'GitLab token', pattern: word('gl(?:pat|ptt|dt|rt|cbt|soat|oas)-[A-Za-z0-9_-]{20,}') },
  { class: 'AWS access key', pattern: word('(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])') },
  { class: 'Slack token', pattern: word('(?:xox[abceoprs]|xapp)-[A-Za-z0-9-]{0,8}[0-9][A-Za-z0-9-]{8,}') },
  {
    class: 'Slack webhook',
    pattern: word('hooks\\.slack\\.com/(?:services|workflows)/[A-Za-z0-9]+/[A-Za-z0-9]+/[A-Za-z0-9]+'),
  },
  { class: 'Google API key', pattern: word('AIza[A-Za-z0-9_-]{35}') },
  { class: 'Google OAuth token', pattern: word('(?:GOCSPX-[A-Za-z0-9_-]{20,}|ya29\\.[A-Za-z0-9_-]{20,})') },
  { class: 'Stripe key', pattern: word('(?:[rs]k_(?:live|test)_|whsec_)[A-Za-z0-9]{16,}') },
  // OpenAI, Anthropic, OpenRouter and others: sk-..., sk-ant-..., sk-proj-...
  { class: 'sk- API key', pattern: word('sk-[A-Za-z0-9_-]{0,40}[A-Za-z0-9]{16,}') },
  { class: 'npm token', pattern: word('npm_[A-Za-z0-9]{30,}') },
  { class: 'PyPI token', pattern: word('pypi-[A-Za-z0-9_-]{40,}') },
  { class: 'Hugging Face token', pattern: word('hf_[A-Za-z0-9]{30,}') },
  { class: 'Docker token', pattern: word('dckr_[a-z]+_[A-Za-z0-9_-]{20,}') },
  { class: 'Vault token', pattern: word('hv[sbr]\\.[A-Za-z0-9_-]{20,}') },
  { class: 'DigitalOcean token', pattern: word('do[por]_v1_[a-f0-9]{40,}') },
  { class: 'SendGrid key', pattern: word('SG\\.[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]{16,}') },
  { class: 'Grafana token', pattern: word('gl(?:sa|c)_[A-Za-z0-9_=+/]{20,}') },
  { class: 'Atlassian token', pattern: word('ATATT3[A-Za-z0-9_=-]{20,}') },
  { class: 'Linear key', pattern: word('lin_(?:api|oauth)_[A-Za-z0-9]{20,}') },
  { class: 'Notion token', pattern: word('(?:ntn_|secret_)[A-Za-z0-9]{40,}') },
  { class: 'Databricks token', pattern: word('dapi[a-f0-9]{32}') },
  { class: 'Shopify token', pattern: word('shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}') },
  {
    class: 'API key of a model or search service',
    pattern: word('(?:gsk_|xai-|r8_|pplx-|tvly-(?:dev-|prod-)?|fc-|nvapi-)[A-Za-z0-9_-]{20,}'),
  },
];

/** Secrets in a form that a standard defines. */
const STANDARD: readonly Shape[] = [
  {
    class: 'PEM private key',
    pattern: /-----BEGIN (?:(?:RSA|EC|DSA|OPENSSH|ENCRYPTED|PGP) )?PRIVATE KEY(?: BLOCK)?-----/g,
  },
  { class: 'age private key', pattern: word('AGE-SECRET-KEY-1[A-Z0-9]{50,}') },
  { class: 'JSON Web Token', pattern: word('eyJ[A-Za-z0-9_-]{6,}\\.eyJ[A-Za-z0-9_-]{6,}\\.[A-Za-z0-9_-]*') },
];

const SHAPES: readonly Shape[] = [...STANDARD, ...ISSUED];

/** Fewer different characters than this are a placeholder: `ghp_xxxxxxxxxxxx`. Prefixes have about four of their own. */
const FEWEST_CHARACTERS = 9;

/** @returns the class of the first secret in `text` that its shape alone gives away. */
export function shapeOf(text: string): string | undefined {
  if (text.length < FEWEST_CHARACTERS) return undefined;
  return SHAPES.find(({ pattern }) => holds(text, pattern))?.class;
}

/** Looks first whether there is anything: to take every match means to copy the pattern, and admission asks all of them about every word. */
function holds(text: string, pattern: RegExp): boolean {
  if (text.search(pattern) < 0) return false;
  return [...text.matchAll(pattern)].some(([match]) => new Set(match).size >= FEWEST_CHARACTERS);
}
