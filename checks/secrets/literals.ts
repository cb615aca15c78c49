/**
 * Where a server could hold a literal secret: the environment, the command line and the probes of every container that would run, and the
 * address of a remote server.
 */
import type { V1Container, V1Probe } from '@kubernetes/client-node';
import { commandLineOf, type CommandWord } from '../command-line.ts';
import { containersOf, type JudgedContainer } from '../containers.ts';
import type { Subject } from '../subject.ts';
import { secretClassOf } from './secret-class.ts';

/** One place that holds a literal which looks like a secret. The value itself is not here, so that nobody can print it. */
export interface LiteralSecret {
  /** Field of the MCPServer. */
  readonly path: string;
  /** What it looks like, such as `GitHub token`. */
  readonly secretClass: string;
}

interface Literal {
  readonly path: string;
  readonly name: string;
  readonly value: string;
}

/** @returns every place of the server that holds a literal secret, once. */
export function literalSecretsOf(subject: Subject): readonly LiteralSecret[] {
  const literals = [...remoteURL(subject), ...containersOf(subject).flatMap(literalsOf)];
  return literals.flatMap(({ path, name, value }) => {
    const secretClass = secretClassOf(name, value);
    return secretClass === undefined ? [] : [{ path, secretClass }];
  });
}

/** Keys of hosted servers are often part of their address. */
function remoteURL({ server }: Subject): readonly Literal[] {
  const { remote } = server.spec.source;
  return remote === undefined ? [] : [{ path: 'spec.source.remote.url', name: '', value: remote.url }];
}

function literalsOf(judged: JudgedContainer): readonly Literal[] {
  return [...environment(judged), ...commandLine(commandLineOf(judged)), ...probes(judged)];
}

function environment({ container, path }: JudgedContainer): readonly Literal[] {
  return (container.env ?? []).flatMap(({ name, value }) =>
    value === undefined ? [] : [{ path: path(`env[name=${name}].value`), name, value }],
  );
}

const FLAG = /^--?[A-Za-z][\w-]*$/;

/** A flag without `=` names the word after it. */
function commandLine(words: readonly CommandWord[]): readonly Literal[] {
  return words.map(({ text, path }, index) => {
    const before = words[index - 1]?.text ?? '';
    const isNamed = FLAG.test(before) && !text.startsWith('-');
    return { path, name: isNamed ? before : '', value: text };
  });
}

const PROBES = [
  'startupProbe',
  'readinessProbe',
  'livenessProbe',
] as const satisfies readonly (keyof V1Container)[];

function probes({ container, path }: JudgedContainer): readonly Literal[] {
  return PROBES.flatMap((kind) => probe(container[kind], (field) => path(`${kind}.${field}`)));
}

function probe(handler: V1Probe | undefined, path: JudgedContainer['path']): readonly Literal[] {
  const { exec, httpGet } = handler ?? {};
  const words = (exec?.command ?? []).map((text, index) => ({ text, path: path(`exec.command[${index}]`) }));
  const headers = (httpGet?.httpHeaders ?? []).map(({ name, value }, index) => ({
    path: path(`httpGet.httpHeaders[${index}].value`),
    name,
    value,
  }));
  return [...commandLine(words), ...headers];
}
