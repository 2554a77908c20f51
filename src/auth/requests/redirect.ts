import { registerDecorator } from 'class-validator';

/**
 * A place within the app: a path, or a URL that the service checks against the trusted origins. Refuses what browsers
 * read as another host: `//evil`, `/\evil`, other schemes, control characters.
 */
export function isRedirect(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > 2048 || /[\s\\\p{Cc}\p{Cs}]/u.test(value))
    return false;
  return /^\/(?!\/)/.test(value) || /^https?:\/\/[^/]/i.test(value);
}

/** Where a trusted `callbackURL` leads; `undefined` when its origin is not trusted. */
export function trustedRedirect(url: string, origins: ReadonlySet<string>): string | undefined {
  if (url.startsWith('/')) return url;
  return URL.canParse(url) && origins.has(new URL(url).origin) ? url : undefined;
}

export function IsRedirect(): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'isRedirect',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: isRedirect,
        defaultMessage: () => '$property must be a path of this app or a URL of a trusted origin',
      },
    });
}
