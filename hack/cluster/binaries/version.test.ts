import { describe, expect, it } from 'vitest';
import { kubernetesVersion } from './index.ts';

describe('kubernetesVersion', () => {
  it.each([
    ['1.33.13', '1.33.13'],
    ['v1.37.2', '1.37.2'],
    ['1.38.0-rc.1', '1.38.0-rc.1'],
  ])('reads %s', (text, version) => {
    expect(kubernetesVersion(text)).toBe(version);
  });

  it.each(['latest', '1.36', '1.36.3/../x', '1'])('refuses %s and says what is wanted', (text) => {
    expect(() => kubernetesVersion(text)).toThrow(
      `${text} is no version of Kubernetes: give all three numbers`,
    );
  });
});
