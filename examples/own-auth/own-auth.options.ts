/** What the environment decides. */
export interface OwnAuthOptions {
  readonly databaseUrl: string;
  /** Signs the app's own tokens. */
  readonly jwtSecret: string;
  /** Signs the guests' tokens. Not the same one. */
  readonly guestSecret: string;
  readonly baseUrl: string;
  /** @default 'express' */
  readonly adapter?: 'express' | 'fastify';
}

export const OWN_AUTH_OPTIONS = Symbol('own-auth:options');
