import type { ThrottlerStorage } from '@nestjs/throttler';
import { durationMs } from '../../common/duration.js';
import { ConfigurationError } from '../../common/errors.js';
import type { AddressLimitOptions, Limit, ThrottleOptions } from './throttle.options.js';

/** A {@link Limit} that has been checked. */
export interface LimitSettings {
  readonly most: number;
  readonly withinMs: number;
}

/** Limits for one client. */
export type ClientLimit = keyof typeof CLIENT_LIMITS;
/** Limits for one e-mail address. */
export type AddressLimit = keyof typeof ADDRESS_LIMITS;

/** {@link ThrottleOptions} checked and with every default filled in. `undefined`: no limit. */
export interface ThrottleSettings {
  readonly client: Readonly<Record<ClientLimit, LimitSettings | undefined>>;
  readonly address: Readonly<Record<AddressLimit, LimitSettings | undefined>>;
  readonly storage: ThrottlerStorage | undefined;
}

export const THROTTLE_SETTINGS = Symbol('nestjs-anonymous:throttle-settings');

const CLIENT_LIMITS = {
  guests: { limit: 30, within: '1h' },
  signUp: { limit: 10, within: '15m' },
  signIn: { limit: 30, within: '15m' },
  mail: { limit: 10, within: '15m' },
  codes: { limit: 20, within: '15m' },
  rush: { limit: 600, within: '1m' },
} as const satisfies Partial<Record<keyof ThrottleOptions, Limit>>;

const ADDRESS_LIMITS = {
  mail: { limit: 3, within: '15m' },
  signUp: { limit: 10, within: '1d' },
  password: { limit: 10, within: '15m' },
  passwordAnywhere: { limit: 30, within: '15m' },
  codes: { limit: 20, within: '1h' },
} as const satisfies Required<Record<keyof AddressLimitOptions, Limit>>;

/** The places that an address can have taken are kept one by one. */
const MOST_PER_ADDRESS = 1_000;

/** @throws ConfigurationError naming the option at fault. */
export function resolveThrottleSettings(
  given: ThrottleOptions | 'off' | false = {},
): ThrottleSettings {
  const isOff = given === false || given === 'off';
  if (!isOff && (typeof given !== 'object' || given === null)) {
    throw new ConfigurationError(
      `option "throttle" is ${JSON.stringify(given)}. Write false, or limits as in { guests: { limit: 30, within: '1h' } }.`,
    );
  }
  const { storage, perAddress = {}, ...client } = isOff ? {} : given;
  if (storage !== undefined && typeof storage?.increment !== 'function') {
    throw new ConfigurationError(
      'option "throttle.storage" is no storage for @nestjs/throttler. Write for example new ThrottlerStorageRedisService(url).',
    );
  }
  return {
    client: resolveEach(CLIENT_LIMITS, isOff, client, 'throttle'),
    address: resolveEach(
      ADDRESS_LIMITS,
      isOff,
      perAddress,
      'throttle.perAddress',
      MOST_PER_ADDRESS,
    ),
    storage,
  };
}

function resolveEach<Name extends string>(
  defaults: Readonly<Record<Name, Limit>>,
  isOff: boolean,
  given: Readonly<Partial<Record<Name, Limit | false>>>,
  group: string,
  most = Number.MAX_SAFE_INTEGER,
): Record<Name, LimitSettings | undefined> {
  const names = Object.keys(defaults) as Name[];
  return Object.fromEntries(
    names.map((name) => {
      const limit = isOff ? false : (given[name] ?? defaults[name]);
      return [name, limit === false ? undefined : resolve(`${group}.${name}`, limit, most)];
    }),
  ) as Record<Name, LimitSettings | undefined>;
}

function resolve(option: string, value: Limit, most: number): LimitSettings {
  const { limit, within } = value ?? {};
  if (!Number.isInteger(limit) || limit < 1 || limit > most) {
    const range = most === Number.MAX_SAFE_INTEGER ? 'from 1' : `from 1 to ${most}`;
    throw new ConfigurationError(
      `option "${option}.limit" is ${String(limit)}. Write a whole number ${range}, or ${option}: false for no limit.`,
    );
  }
  const withinMs = durationMs(`${option}.within`, within);
  if (withinMs < 1000) {
    throw new ConfigurationError(
      `option "${option}.within" is ${within}. Write '1s' or more, for example '15m'.`,
    );
  }
  return { most: limit, withinMs: Math.round(withinMs) };
}
