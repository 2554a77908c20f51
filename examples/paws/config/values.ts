import type { Duration } from '../../../src/index.js';
import { StartError } from '../start-error.js';

type Environment = Readonly<Record<string, string | undefined>>;

const MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** One of a closed list of words. */
export function oneOf<Word extends string>(
  words: readonly Word[],
  env: Environment,
  name: string,
): Word | undefined {
  const value = env[name];
  const word = words.find((allowed) => allowed === value);
  if (value !== undefined && !word) refuse(env, name, `Write ${either(words)}.`);
  return word;
}

export function portOf(env: Environment, name: string): number | undefined {
  const value = env[name];
  if (value === undefined) return undefined;
  const isPort = /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535;
  if (!isPort) refuse(env, name, 'Write a number from 1 to 65535.');
  return Number(value);
}

export function durationOf(
  env: Environment,
  name: string,
  { from, to }: { from: Duration; to: Duration },
): Duration | undefined {
  const value = env[name];
  if (value === undefined) return undefined;
  const ms = millisecondsOf(value);
  if (!(ms >= millisecondsOf(from) && ms <= millisecondsOf(to))) {
    refuse(env, name, `Write a duration from ${from} to ${to} with its unit: ms, s, m, h or d.`);
  }
  return value as Duration;
}

/** `ada@example.com, bob@example.com`. */
export function addressesOf(env: Environment, name: string): string[] {
  const addresses = (env[name] ?? '').split(',').map((address) => address.trim());
  const given = addresses.filter((address) => address !== '');
  if (!given.every((address) => /^[^\s@]+@[^\s@]+$/.test(address))) {
    refuse(env, name, 'Write e-mail addresses, with a comma between two.');
  }
  return given;
}

/** `https://app.example`: scheme and host, and a port unless it is the usual one. */
export function originOf(env: Environment, name: string): string | undefined {
  const value = env[name];
  if (value === undefined) return undefined;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isOrigin =
    url !== undefined && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href;
  if (!isOrigin)
    refuse(
      env,
      name,
      'Write an http or https origin without a path, such as https://paws.example.',
    );
  return url!.origin;
}

/** Never repeats the value: it holds a password. */
export function serverUrlOf(env: Environment, name: string): string | undefined {
  return urlOf(env, name, /^postgres(ql)?:$/, 'postgres://user:password@host:5432/database');
}

/** The same. */
export function redisUrlOf(env: Environment, name: string): string | undefined {
  return urlOf(env, name, /^rediss?:$/, 'redis://user:password@host:6379');
}

/** Never repeats the value either. */
export function secretOf(env: Environment, name: string): string | undefined {
  const value = env[name];
  if (value !== undefined && Buffer.byteLength(value) < 32) {
    throw new StartError(
      `${name} is too short. Write 32 bytes or more: openssl rand -base64 32 makes some.`,
    );
  }
  return value;
}

function urlOf(
  env: Environment,
  name: string,
  protocol: RegExp,
  example: string,
): string | undefined {
  const value = env[name];
  if (value === undefined) return undefined;
  const isServer = URL.canParse(value) && protocol.test(new URL(value).protocol);
  if (!isServer) throw new StartError(`${name} is no URL of a server. Write ${example}.`);
  return value;
}

function millisecondsOf(value: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(value) ?? [];
  return Number(amount) * MILLISECONDS[unit ?? '']!;
}

function refuse(env: Environment, name: string, remedy: string): never {
  throw new StartError(`${name} is ${JSON.stringify(env[name])}. ${remedy}`);
}

function either(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
