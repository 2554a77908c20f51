/** One thing that keeps a promise, taken out of the library. */
export interface Mutant {
  readonly name: string;
  /** What it does for whom, in one sentence. */
  readonly keeps: string;
  /** From the root of the project. */
  readonly file: string;
  /** Once in the file. */
  readonly find: string;
  /** What is left without it. It compiles, and the app starts. */
  readonly replacement: string;
  /** The suites that have to notice, from the root of the project. */
  readonly suites: readonly string[];
}

/** @throws Error when the library does not have the text of the mutant, or has it in several places. */
export function mutated({ name, file, find, replacement }: Mutant, source: string): string {
  const [before, after, ...others] = source.split(find);
  if (after === undefined || others.length > 0) {
    const times = after === undefined ? 'is not' : 'is more than once';
    throw new Error(
      `The text that the mutant ${name} takes out ${times} in ${file}. Bring it up to date in test/mutation/mutants.ts.`,
    );
  }
  return `${before}${replacement}${after}`;
}
