/**
 * What a generator is: a name, and the files it makes. It reads sources, never its own earlier output, and two runs give the
 * same bytes.
 */

/** File contents by path from the repository's root. */
export type Outputs = Readonly<Record<string, string>>;

/** One maker of generated files. */
export interface Generator {
  readonly name: string;
  readonly outputs: () => Promise<Outputs>;
}
