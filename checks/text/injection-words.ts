/** The lists of words that the phrases of MCP-S12 are made of, folded: lower case, Latin letters. */
import type { WordLists } from './notation.ts';

const split = (words: string): readonly string[] =>
  words
    .trim()
    .split(/\s+/)
    .map((word) => word.replace('+', ' '));

/** Files whose content is a credential, or that say where credentials are. */
const SECRET_FILES = split(`
  id_rsa id_ed25519 id_ecdsa ~/.ssh ~/.ssh/ ~/.ssh/id_rsa ~/.ssh/id_ed25519 ~/.ssh/id_rsa.pub $home/.ssh/id_rsa /root/.ssh/id_rsa
  .ssh/id_rsa ~/.ssh/config ~/.ssh/known_hosts /etc/shadow /etc/passwd ~/.aws/credentials .aws/credentials ~/.kube/config ~/.netrc
  ~/.npmrc ~/.pypirc ~/.git-credentials ~/.docker/config.json ~/.bash_history ~/.zsh_history ~/.gnupg ~/.cursor/mcp.json
  .cursor/mcp.json ~/.claude.json ~/.claude/settings.json mcp.json claude_desktop_config.json ~/.config/gcloud /proc/self/environ
  wallet.dat ~/.env
`);

const SECRETS = [
  ...SECRET_FILES,
  ...split(`
    .env credentials passwords password secrets tokens cookies environment+variables environment+variable env+vars api+key api+keys
    api_key api_keys private+key private+keys ssh+key ssh+keys access+token access+tokens auth+token bearer+token session+token
    session+cookies seed+phrase seed+phrases recovery+phrase
  `),
];

const SEND = split('send forward upload post transmit exfiltrate leak email submit copy bcc');

export const INJECTION_WORDS: WordLists = {
  secretFiles: SECRET_FILES,
  secrets: SECRETS,
  send: SEND,
  pass: [...SEND, ...split('pass include put provide append attach insert encode embed place supply add')],
  read: split(
    'read open cat load access retrieve fetch get find collect extract dump grab include locate search scan list',
  ),
  content: split('content contents its them it value values result results everything full data text'),
  user: split('user users human humans person operator'),
  tell: split(`
    tell inform notify alert mention reveal disclose warn telling informing notifying alerting mentioning revealing disclosing warning
  `),
  show: split('show display explain ask asking showing confirm confirming confirmation say'),
  not: split('not never without avoid dont'),
  yours: split('previous prior above earlier preceding your system original initial'),
  instructions: split(
    'instructions instruction directives directive guidelines prompt prompts guardrails orders rules policies',
  ),
  allSecrets: split(`
    system+prompt api+keys private+keys ssh+keys passwords credentials access+tokens environment+variables environment+variable secrets
  `),
  marks: split(`
    <|im_start|> <|im_end|> <|system|> <|assistant|> <|user|> <|endoftext|> <|eot_id|> <|start_header_id|> <|end_header_id|>
    <|begin_of_text|> <<sys>> [inst] [/inst]
  `),
  tags: split(`
    <important> <system> <secret> <hidden> <admin> <instructions> <instruction> <override> <critical> <system_prompt>
    <system-reminder> [system] [hidden] [admin]
  `),
};
