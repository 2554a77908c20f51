/**
 * What this library needs of a host's own user entity: these properties, in columns of any name. Ids may be uuids, integers,
 * bigints or texts. The optional ones are read as `false` or `null` when the entity has no such column; the two dates as
 * `lastSeenAt`.
 */
export interface AuthUser {
  /** The primary key. Integers and bigints take their default in the table; uuids and texts without one are made here. */
  id: string | number;
  /** Unique without regard to case: `CREATE UNIQUE INDEX ON users (lower(email))`. */
  email: string | null;
  /** `true` for a guest. Default `false`, so that the rows of before are accounts. */
  isAnonymous: boolean;
  /** Carried in every token of this library; raising it kills every older one. An integer with default 0. */
  epoch: number;
  /** The last request, to the hour. Default `now()`. */
  lastSeenAt: Date;
  emailVerified?: boolean;
  name?: string | null;
  /** URL of a picture. */
  image?: string | null;
  createdAt?: Date;
  updatedAt?: Date;
}

/** The class of a host's own user entity. */
export type UserEntity = new () => AuthUser;

export const REQUIRED_PROPERTIES = [
  'id',
  'email',
  'isAnonymous',
  'epoch',
  'lastSeenAt',
] as const satisfies readonly (keyof AuthUser)[];
