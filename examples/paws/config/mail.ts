import { StartError } from '../start-error.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Never repeats the value: it holds a password. */
export function mailServerOf(env: Environment, name: string): string | undefined {
  const value = env[name];
  if (value === undefined) return undefined;
  const isServer = URL.canParse(value) && /^smtps?:$/.test(new URL(value).protocol);
  if (!isServer) {
    throw new StartError(
      `${name} is no URL of a mail server. Write smtp://user:password@host:587.`,
    );
  }
  return value;
}
