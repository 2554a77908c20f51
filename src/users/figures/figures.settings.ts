import { type Duration, durationMs } from '../../common/duration.js';
import { ConfigurationError } from '../../common/errors.js';

/** How the figures about guests are kept. */
export interface InsightsOptions {
  /**
   * How often an instance writes what it has counted, if there is anything: `'1s'` to `'1h'`. An instance that is killed loses
   * what it has counted since.
   * @default '1m'
   */
  readonly writeEvery?: Duration;
}

/** {@link InsightsOptions} checked and with every default filled in. */
export interface FiguresSettings {
  readonly writeEveryMs: number;
}

export const FIGURES_SETTINGS = Symbol('nestjs-anonymous:figures-settings');

const SHORTEST_MS = 1_000;
const LONGEST_MS = 3_600_000;

/** @throws ConfigurationError naming the option at fault. */
export function resolveFiguresSettings({
  writeEvery = '1m',
}: InsightsOptions = {}): FiguresSettings {
  const writeEveryMs = durationMs('insights.writeEvery', writeEvery);
  if (writeEveryMs < SHORTEST_MS || writeEveryMs > LONGEST_MS) {
    throw new ConfigurationError(
      `option "insights.writeEvery" is ${JSON.stringify(writeEvery)}. Write a duration from '1s' to '1h'.`,
    );
  }
  return { writeEveryMs };
}
