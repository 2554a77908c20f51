import { ConfigurationError } from './errors.js';

/** A length of time with its unit, as in `'500ms'`, `'30s'`, `'10m'`, `'12h'` or `'30d'`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const MILLISECONDS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Milliseconds of a {@link Duration}. A bare number has no unit, so it is refused.
 * @throws ConfigurationError naming the option.
 */
export function durationMs(option: string, value: Duration): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(String(value));
  if (!match) {
    throw new ConfigurationError(
      `option "${option}" is ${JSON.stringify(value)}. Write a duration with its unit, for example '500ms', '30s', '10m', '12h' or '30d'.`,
    );
  }
  return Number(match[1]) * MILLISECONDS[match[2] as keyof typeof MILLISECONDS];
}
