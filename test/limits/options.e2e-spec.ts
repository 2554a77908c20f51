import { resolveThrottleSettings } from '../../src/auth/limits/throttle.settings.js';
import { ConfigurationError } from '../../src/index.js';
import { refusalOf } from '../support/refused-start.js';

type Mistake = [name: string, options: { throttle: unknown }, option: RegExp, remedy: RegExp];

const unit = /'30s'|'30d'/;

const mistakes: Mistake[] = [
  ['a throttle that is a number', { throttle: 30 }, /"throttle"/, /false.*guests/],
  [
    'a limit of nothing',
    { throttle: { guests: { limit: 0, within: '1h' } } },
    /"throttle\.guests\.limit"/,
    /from 1.*false/,
  ],
  [
    'a limit that is a bare number',
    { throttle: { signIn: 30 } },
    /"throttle\.signIn\.limit"/,
    /from 1.*false/,
  ],
  [
    'half a place',
    { throttle: { perAddress: { mail: { limit: 1.5, within: '15m' } } } },
    /"throttle\.perAddress\.mail\.limit"/,
    /from 1 to 1000/,
  ],
  [
    'a bare number for a limit',
    { throttle: { mail: { limit: 3, within: 900 } } },
    /"throttle\.mail\.within"/,
    unit,
  ],
  [
    'less than a second for a limit',
    { throttle: { codes: { limit: 3, within: '10ms' } } },
    /"throttle\.codes\.within"/,
    /'15m'/,
  ],
  [
    'a storage that is a URL',
    { throttle: { storage: 'redis://localhost' } },
    /"throttle\.storage"/,
    /ThrottlerStorageRedisService/,
  ],
];

describe('the option throttle', () => {
  it.each(mistakes)('refuses %s, and says what to write', (_, { throttle }, option, remedy) => {
    const refusal = refusalOfValue(throttle);
    expect(refusal).toBeInstanceOf(ConfigurationError);
    expect(refusal.message).toMatch(option);
    expect(refusal.message).toMatch(remedy);
  });

  it('is looked at when the app starts', async () => {
    const [, { throttle }, option] = mistakes[0]!;
    const refusal = await refusalOf({ options: { throttle: throttle as false } });
    expect(refusal.message).toMatch(option);
  });

  it.each([[false], ['off']] as const)('switches everything off with %j', (throttle) => {
    const { client, address } = resolveThrottleSettings(throttle);
    expect([...Object.values(client), ...Object.values(address)].filter(Boolean)).toEqual([]);
  });

  it('keeps the defaults of what is not given', () => {
    const { client, address } = resolveThrottleSettings({
      guests: { limit: 5, within: '1d' },
      perAddress: { mail: false },
    });
    expect(client).toMatchObject({
      guests: { most: 5, withinMs: 86_400_000 },
      signIn: { most: 30, withinMs: 900_000 },
    });
    expect(address).toMatchObject({ mail: undefined, password: { most: 10, withinMs: 900_000 } });
  });
});

function refusalOfValue(throttle: unknown): Error {
  try {
    resolveThrottleSettings(throttle as false);
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was taken');
}
