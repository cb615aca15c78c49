/**
 * From what the command line names to the texts to judge. What was named must be there; what is too large, or no text, is an error of
 * that file and does not keep the others from being judged.
 */
import { type Dirent, createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, addAbortSignal } from 'node:stream';
import { ConfigError, errorMessage } from '../../../core/errors.ts';
import { MAX_FILE_BYTES, type ParsedFile, parseFile, problem } from './parse.ts';

/** Standard input, on the command line. */
const STANDARD_INPUT = '-';
/** Standard input, in what is printed. */
export const STANDARD_INPUT_NAME = '<stdin>';
const EXTENSIONS = /\.(ya?ml|json)$/;
/** A directory with more is not one of manifests. */
const MAX_FILES = 10_000;

/**
 * Names every file once: those that are named, and of a directory every .yaml, .yml and .json below it, but in no hidden directory.
 * @throws ConfigError when something is not there.
 */
export async function filesOf(paths: readonly string[]): Promise<readonly string[]> {
  const files = await Promise.all(paths.map(filesBelow));
  const all = [...new Set(files.flat())];
  if (all.length <= MAX_FILES) return all;
  throw new ConfigError(
    `${all.length} files are more than the ${MAX_FILES} that can be judged at once: name fewer`,
  );
}

async function filesBelow(path: string): Promise<readonly string[]> {
  if (path === STANDARD_INPUT) return [path];
  const found = await stat(path).catch(unusable);
  return found.isDirectory() ? filesIn(path) : [path];
}

async function filesIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(unusable);
  const sorted = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const nested = await Promise.all(sorted.map((entry) => entryFiles(directory, entry)));
  return nested.flat();
}

/** Links to directories are not followed: they may lead in a circle. */
async function entryFiles(directory: string, entry: Dirent): Promise<readonly string[]> {
  const path = join(directory, entry.name);
  if (entry.isDirectory()) return entry.name.startsWith('.') ? [] : filesIn(path);
  return EXTENSIONS.test(entry.name) ? [path] : [];
}

function unusable(error: unknown): never {
  throw new ConfigError(errorMessage(error), { cause: error });
}

/**
 * Reads and parses one file.
 * @param input what `-` stands for.
 * @throws ConfigError when it cannot be read.
 */
export async function readManifests(
  file: string,
  input: () => Readable,
  signal: AbortSignal,
): Promise<ParsedFile> {
  const [name, stream] =
    file === STANDARD_INPUT ? [STANDARD_INPUT_NAME, input()] : [file, createReadStream(file)];
  const bytes = await readBounded(addAbortSignal(signal, stream)).catch(unusable);
  if (bytes === undefined) {
    return problem(
      name,
      START,
      `holds more than ${MAX_FILE_BYTES / 1024 / 1024} MiB: split it into several files`,
    );
  }
  const text = textOf(bytes);
  return text === undefined ? problem(name, START, 'is not UTF-8 text') : parseFile(name, text);
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const START = { line: 1, column: 1 };

/** @returns undefined when there is more than a file may hold. */
async function readBounded(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of stream) {
    size += part.length;
    if (size > MAX_FILE_BYTES) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}
