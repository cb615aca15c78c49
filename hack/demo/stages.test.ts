import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import { Stages } from './stages.ts';

function stages(): { clock: FakeClock; printed: string[]; stages: Stages } {
  const clock = new FakeClock();
  const printed: string[] = [];
  return { clock, printed, stages: new Stages(2, (text) => printed.push(text), clock) };
}

describe('Stages', () => {
  it('prints a numbered heading before the work begins', async () => {
    const { printed, stages: demo } = stages();
    const seen = await demo.run('A cluster', async () => [...printed]);
    expect(seen).toEqual(['\n[1/2] A cluster']);
  });

  it('sums up how long each stage took, and everything between them', async () => {
    const { clock, stages: demo } = stages();
    await demo.run('Cluster: on this machine', async () => clock.advance(8_400));
    await clock.advance(100);
    await demo.run('images', async () => clock.advance(1_500));
    expect(demo.summary()).toBe('Took 10.0 s: cluster 8.4 s, images 1.5 s');
  });

  it('passes errors through and still counts the time', async () => {
    const { clock, stages: demo } = stages();
    const broken = async (): Promise<never> => {
      await clock.advance(1_000);
      throw new Error('no space left on device');
    };
    await expect(demo.run('images', broken)).rejects.toThrow('no space left on device');
    expect(demo.summary()).toBe('Took 1.0 s: images 1.0 s');
  });
});
