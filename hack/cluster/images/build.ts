/**
 * `make image` and the images of examples: any Dockerfile with an `ARG BASE`.
 */
import { resolve } from 'node:path';
import type { Reporter } from '../report.ts';
import { chooseBase } from './base.ts';
import { findEngine, type BuildRequest } from './engine.ts';

/** Builds an image on the base that this machine can have; it stays with the engine under its tag. */
export async function buildImage(
  request: BuildRequest,
  report: Reporter,
  signal?: AbortSignal,
): Promise<void> {
  const engine = await findEngine();
  const base = await report.step('base image', async (progress) => {
    const chosen = await chooseBase(engine, progress);
    progress(`${chosen.image ?? `as ${request.dockerfile} says`} (${chosen.reason})`);
    return chosen.image;
  });
  await report.step(`image ${request.tag}`, async (progress) => {
    const buildArguments = { ...(base === undefined ? {} : { BASE: base }), ...request.buildArguments };
    const context = resolve(request.context);
    await engine.build(
      { ...request, context, dockerfile: resolve(request.dockerfile), buildArguments },
      progress,
      signal,
    );
    progress(`built by ${engine.name}`);
  });
}
