import { describe, expect, it } from 'vitest';
import { secretClassOf } from './secret-class.ts';

/** Tokens are put together here, so that nobody's scanner takes this file for a leak. */
const joined = (...parts: readonly string[]): string => parts.join('');
const RANDOM = 'pW3xR8kT1vN6mQ9zB4cY7dF2hJ5gL0sA';
const GITHUB = joined('ghp', '_', RANDOM, 'abcd');
const OPENAI = joined('sk', '-proj-', RANDOM, RANDOM);
const AWS = joined('AKIA', 'IOSFODNN7EXAMPLE');
const JWT = joined('eyJhbGciOiJIUzI1NiJ9', '.eyJzdWIiOiIxMjM0In0', '.', RANDOM);
const PEM = joined('-----BEGIN ', 'PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----');

const LITERAL = 'literal under the name of a secret';
const RANDOM_VALUE = 'random value under a name that has to do with secrets';

const SECRETS: readonly (readonly [reason: string, name: string, value: string, secretClass: string])[] = [
  ['a GitHub token under any name', 'FOO', GITHUB, 'GitHub token'],
  ['a fine-grained GitHub token', '', joined('github', '_pat_', RANDOM), 'GitHub token'],
  ['a GitLab token', 'X', joined('glpat', '-', RANDOM), 'GitLab token'],
  ['an AWS access key', 'AWS_ACCESS_KEY_ID', AWS, 'AWS access key'],
  ['a Slack token', 'BOT', joined('xoxb', '-123456789012-', RANDOM), 'Slack token'],
  [
    'a Slack webhook',
    'NOTIFY',
    joined('https://hooks.slack.com', '/services/T0AB12CD3/B0EF45GH6/', RANDOM),
    'Slack webhook',
  ],
  ['a Google API key', 'MAPS', joined('AIza', 'Sy', RANDOM, 'x'), 'Google API key'],
  ['a Stripe key', '', joined('sk', '_live_', RANDOM), 'Stripe key'],
  ['an OpenAI key', 'OPENAI', OPENAI, 'sk- API key'],
  ['an Anthropic key', '', joined('sk', '-ant-api03-', RANDOM, '-AA'), 'sk- API key'],
  ['an npm token', '', joined('npm', '_', RANDOM, 'abcd'), 'npm token'],
  ['a Hugging Face token', '', joined('hf', '_', RANDOM), 'Hugging Face token'],
  ['a JSON Web Token', 'SESSION', JWT, 'JSON Web Token'],
  ['a private key', 'CERT', PEM, 'PEM private key'],
  ['a private key of SSH', '', PEM.replace('PRIVATE', 'OPENSSH PRIVATE'), 'PEM private key'],
  ['a token inside an argument', '', `--config={"pat":"${GITHUB}"}`, 'GitHub token'],
  ['a token inside a script', '', `export X=1; run --with ${OPENAI} && exit`, 'sk- API key'],

  ['a URL with a password', 'DATABASE_URL', 'postgres://app:hunter2@db:5432/app', 'credentials in a URL'],
  ['a URL with a number for a password', 'REDIS', 'redis://:123456@cache:6379', 'credentials in a URL'],
  ['a header with a credential', '', '-H "Authorization: Bearer abc12345def"', 'authorization header'],
  ['a header with a password', '', 'Authorization: Basic dXNlcjpwYXNz', 'authorization header'],

  ['a password, however weak', 'DB_PASSWORD', 'hunter2', LITERAL],
  ['a password that is a word', 'POSTGRES_PASSWORD', 'postgres', LITERAL],
  ['a password of several words', 'KEY_PASSPHRASE', 'correct horse battery staple', LITERAL],
  ['a token that has no shape', 'GITHUB_TOKEN', '0123456789abcdef0123', LITERAL],
  ['an API key in camel case', 'apiKey', 'letmein1', LITERAL],
  ['an API key in one word', 'APIKEY', 'letmein1', LITERAL],
  ['a numbered secret', 'CLIENT_SECRET_2', 'abc-def', LITERAL],
  ['a key for signing', 'JWT_SIGNING_KEY', 'not very long', LITERAL],
  ['a secret in base64 that begins with a slash', 'API_SECRET', `/${RANDOM}==`, LITERAL],
  ['an AWS secret', 'AWS_SECRET_ACCESS_KEY', joined('wJalrXUtnFEMI', '/K7MDENG/bPxRfiCYEXAMPLEKEY'), LITERAL],
  ['a flag', '--api-key', 'letmein1', LITERAL],
  ['a flag and its value in one argument', '', '--api-key=letmein1', LITERAL],
  ['a flag and its value in a script', '', 'serve --token abc123 --port 80', LITERAL],
  ['an assignment in a script', '', 'PASSWORD=hunter2 exec serve', LITERAL],
  ['a quoted assignment', '', `sh -c 'export API_TOKEN="let me in"; serve'`, LITERAL],
  ['a default in a shell', '', 'serve --token ${TOKEN:-abc123def}', LITERAL],
  ['JSON', 'CONFIG', '{"port": 80, "clientSecret": "abc123"}', LITERAL],
  ['JSON in a quoted argument', '', String.raw`"{\"apiKey\":\"abc123\"}"`, LITERAL],
  ['a header of its own name', '', '--header=X-Api-Key:abc123', LITERAL],
  ['a query', '', 'https://mcp.example.com/mcp?apiKey=abc123', LITERAL],
  ['a connection string', 'CONNECTION', 'Server=db;User Id=sa;Password=hunter2;', LITERAL],
  ['a reference beside a literal', 'API_TOKEN', '$(PREFIX)abc123', LITERAL],

  ['something random under a key', 'SECRET_KEY_BASE', RANDOM, RANDOM_VALUE],
  ['something hexadecimal under a key', 'COOKIE_KEYS', '9f86d081884c7d659a2feaa0c55ad015', RANDOM_VALUE],
  ['a personal access token', 'AZURE_PAT', RANDOM, RANDOM_VALUE],
];

const NO_SECRETS: readonly (readonly [reason: string, name: string, value: string])[] = [
  ['nothing', 'API_TOKEN', ''],
  ['spaces', 'API_TOKEN', '  '],
  ['a reference', 'API_TOKEN', '$(GITHUB_TOKEN)'],
  ['a reference with a scheme', 'API_TOKEN', 'Bearer $(GITHUB_TOKEN)'],
  ['two references', 'API_TOKEN', '$(USER):$(PASSWORD)'],
  ['a variable of a shell', '', '--token=$TOKEN'],
  ['a quoted variable of a shell', '', '--token="${TOKEN}" --password "$PASSWORD"'],
  ['a command of a shell', '', 'TOKEN=$(cat /run/secrets/token) exec serve'],
  ['a template', 'API_TOKEN', '{{ .Values.token }}'],
  ['a reference in a header', '', 'curl -H "Authorization: Bearer $TOKEN" http://x'],
  ['a reference in a URL', 'DATABASE_URL', 'postgres://app:$(DB_PASSWORD)@db/app'],
  ['a boolean', 'USE_TOKEN', 'true'],
  ['a mode', 'AUTH_TOKEN', 'required'],
  ['a number', 'MAX_TOKENS', '4096'],
  ['a number under the name of a secret', 'API_TOKEN', '1'],
  ['a duration', 'REFRESH_TOKEN', '30s'],
  ['a path', 'API_TOKEN', '/run/secrets/token'],
  ['a path with a version in it', 'PRIVATE_KEY', '/etc/tls-2024/tls.key'],
  ['a path in the home directory', 'SSH_PRIVATE_KEY', '~/.ssh/id_ed25519'],
  ['a file', 'SIGNING_KEY', 'keys/signing.pem'],
  ['a URL', 'TOKEN', 'https://idp.example.com/oauth/token'],
  ['a URL with a user', 'DATABASE_URL', 'postgres://app@db/app'],
  ['a URL with a port', 'UPSTREAM', 'http://host:8080/a@b'],
  ['an ARN', 'DB_SECRET', 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf'],
  ['an address in Vault', 'DB_PASSWORD', 'vault:secret/data/db#password'],
  ['an address in 1Password', 'DB_PASSWORD', 'op://vault/db/password'],
  ['a placeholder', 'API_KEY', '<your-api-key>'],
  ['a placeholder in words', 'API_KEY', 'your-api-key-here'],
  ['changeme', 'DB_PASSWORD', 'changeme'],
  ['change-me', 'DB_PASSWORD', 'CHANGE_ME'],
  ['crosses', 'API_KEY', 'xxxxxxxx-xxxx'],
  ['stars', 'API_KEY', '********'],
  ['a placeholder in the shape of a token', 'GITHUB_TOKEN', joined('ghp', '_', 'x'.repeat(36))],
  ['the address of an endpoint', 'TOKEN_URL', 'idp.internal'],
  ['the name of a header', 'TOKEN_HEADER', 'X-Auth-Token'],
  ['the name of a Secret', 'SECRET_NAME', 'github-credentials'],
  ['a pull secret', '--image-pull-secret', 'regcred'],
  ['the identifier of a key', 'SIGNING_KEY_ID', '550e8400-e29b-41d4-a716-446655440000'],
  ['a UUID under a key', 'TENANT_KEYS', '550e8400-e29b-41d4-a716-446655440000'],
  ['a digest under a key', 'CACHE_KEY', `sha256:${'9f86d081884c7d65'.repeat(4)}`],
  ['the key of a map', 'SORT_KEY', 'created_at_timestamp'],
  ['a dotted key', 'CACHE_KEY', 'app.kubernetes.io/instance-v2'],
  ['a public key', 'VAPID_PUBLIC_KEY', RANDOM],
  ['a token of a model', 'EOS_TOKEN', '</s>'],
  ['a tokenizer', 'TOKENIZER', 'cl100k_base_v2_2024'],
  ['a random value under another name', 'BUILD', RANDOM],
  ['an image', '', `ghcr.io/org/server:1.2.3@sha256:${'9f86d081884c7d65'.repeat(4)}`],
  ['running text', '', 'Says which token: the token of the user, or a password that you choose'],
  ['running text with a scheme', '', 'Uses basic authentication and token introspection'],
  ['flags', '', '--toolsets=repos,issues --read-only --port 8080'],
  ['a switch', '--require-token', 'serve'],
  ['a kebab that begins with sk', '', 'sk-learn-model-registry-2024-production'],
  ['a word with sk inside', '', 'risk-assessment-of-suppliers-2024-q1-v2'],
  ['a JSON schema', 'SCHEMA', '{"token": {"type": "string"}, "password": {"type": "string"}}'],
  ['a cron line', 'SCHEDULE', '*/5 * * * *'],
  ['a list of hosts', 'ALLOWED_HOSTS', 'mcp-modern,mcp-modern.$(NAMESPACE).svc'],
];

describe('secretClassOf', () => {
  it.each(SECRETS)('finds %s', (_reason, name, value, secretClass) => {
    expect(secretClassOf(name, value)).toBe(secretClass);
  });

  it.each(NO_SECRETS)('lets pass: %s', (_reason, name, value) => {
    expect(secretClassOf(name, value)).toBeUndefined();
  });

  it('never says a part of the value', () => {
    const said = SECRETS.map(([, name, value]) => secretClassOf(name, value)).join('\n');
    for (const [, , value] of SECRETS) {
      const pieces = value.match(/[A-Za-z0-9]{8,}/g) ?? [];
      for (const piece of pieces) expect(said).not.toContain(piece);
    }
  });

  // Quadratic time on any of these would outlast the test's own deadline many times.
  it.each([
    ['a'],
    ['sk-'],
    ['eyJa.'],
    ['a='],
    ['a="'],
    ["a='"],
    ['a:"\''],
    ['--a '],
    ['://a:'],
    ['$('],
    ['${'],
    ['{{'],
    ['/a'],
    ['bearer a'],
    ['-----BEGIN '],
    ['%A'],
    ['a.'],
  ])('reads a megabyte of %j in linear time', (piece) => {
    const text = piece.repeat(Math.ceil(1_048_576 / piece.length));
    expect([undefined, LITERAL]).toContain(secretClassOf('API_TOKEN', `${text} "`));
  });
});
