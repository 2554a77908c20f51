import type { Options } from '@swc/core';

/** How swc reads and writes the source. */
export function swcOptions(
  syntax: 'typescript' | 'ecmascript',
  format?: 'commonjs' | 'es6',
): Options;
