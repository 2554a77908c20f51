import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import type { UserId } from '../../users/user.js';

/** A user that takes part in a merge. */
export interface MergeParty {
  readonly id: UserId;
}

/** Inside the transaction: an entity's rows are about to change hands. Delivered to the entity's handler. */
export interface MergeEvent {
  readonly linkId: string;
  /** The table of the entity, as receipts name it. */
  readonly table: string;
  readonly guest: MergeParty;
  readonly account: MergeParty;
}

/** What a handler works with. */
export interface MergeContext extends MergeEvent {
  /** The connection of the merge. Everything a handler reads or writes goes through it. */
  readonly manager: EntityManager;
  /** Aborted when the attempt has run out of time; whatever the handler does then is undone. */
  readonly signal: AbortSignal;
}

/** What a handler works with when a user goes for good. */
export interface DiscardContext {
  /** A guest, or an account that deletes itself. */
  readonly guest: MergeParty;
  readonly manager: EntityManager;
}

/**
 * A row's primary key: its value, or the values of a composite key in order. Owner columns are left out of it, or, where that
 * names several rows, everything is given as it was before the merge.
 */
export type RowKey = string | number | readonly (string | number)[];

/** The guest's rows that do not end with the account. Every other row must. */
export interface MergeReport {
  /** Their content went into a row of the account. */
  readonly folded?: readonly RowKey[];
  /** They gave way to a row of the account. */
  readonly dropped?: readonly RowKey[];
}

/** Moves one entity's rows from a guest to an account, in a way that the library could not guess. */
export interface MergeHandler {
  /** A handler that only moves rows returns nothing; whatever it folds or drops it reports. */
  merge(context: MergeContext): Promise<MergeReport | void>;
  /** Called before a guest, or an account, is deleted with everything it owns, for what no foreign key leads to. */
  discard?(context: DiscardContext): Promise<void>;
}

/** When a handler runs. Without options: before every table that has none. */
export interface MergeHandlerOptions {
  /** Entities whose rows must have changed hands before this handler runs. */
  readonly after?: readonly EntityTarget<ObjectLiteral>[];
}

export interface MergeHandlerMetadata extends MergeHandlerOptions {
  readonly entity: EntityTarget<ObjectLiteral>;
}

// A plain name, so that handlers are found whichever loaded copy of this package decorated them.
const METADATA_KEY = 'nestjs-anonymous:merge-handler';

/**
 * Makes a provider of any module the merge handler of an entity. It is found by discovery and gets normal injection.
 * It takes the place of a strategy that `forFeature` declares for the same table.
 */
export function MergeHandler(
  entity: EntityTarget<ObjectLiteral>,
  options: MergeHandlerOptions = {},
): ClassDecorator {
  const metadata: MergeHandlerMetadata = { entity, ...options };
  return (target) => Reflect.defineMetadata(METADATA_KEY, metadata, target);
}

export function mergeHandlerMetadataOf(target: unknown): MergeHandlerMetadata | undefined {
  return typeof target === 'function'
    ? (Reflect.getOwnMetadata(METADATA_KEY, target) as MergeHandlerMetadata | undefined)
    : undefined;
}
