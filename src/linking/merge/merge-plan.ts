import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ConfigurationError } from '../../common/errors.js';
import type { OwnedTable } from '../ownership/ownership-map.js';
import { OwnershipService } from '../ownership/ownership.service.js';
import { MergeHandlerRegistry, type RegisteredHandler } from './merge-handler.registry.js';

/** A handler and the table that it takes care of. */
export interface HandledTable {
  readonly name: string;
  readonly oid: string;
  readonly handler: RegisteredHandler;
  /** Missing when the table references no user. */
  readonly table: OwnedTable | undefined;
}

/** The order of a merge: handlers, then all declared tables at once, then the handlers that asked to come after one of those. */
export interface PlannedMerge {
  readonly before: readonly HandledTable[];
  readonly declared: readonly OwnedTable[];
  readonly after: readonly HandledTable[];
}

/** Lays out the merge once, at start. */
@Injectable()
export class MergePlan implements OnApplicationBootstrap {
  private planned: PlannedMerge = { before: [], declared: [], after: [] };

  constructor(
    private readonly ownership: OwnershipService,
    private readonly registry: MergeHandlerRegistry,
  ) {}

  get merge(): PlannedMerge {
    return this.planned;
  }

  isHandled(oid: string): boolean {
    return this.registry.handlers.has(oid);
  }

  /** @throws ConfigurationError when handlers wait for each other in a circle. */
  onApplicationBootstrap(): void {
    const { tables } = this.ownership.map;
    const handlers = [...this.registry.handlers.values()].map((handler): HandledTable => {
      const table = tables.find(({ oid }) => oid === handler.tableOid);
      return { name: table?.name ?? handler.name, oid: handler.tableOid, handler, table };
    });
    const ordered = inOrder(handlers.sort((a, b) => a.name.localeCompare(b.name)));
    const late = new Set<string>();
    for (const { oid, handler } of ordered) {
      const isLate = handler.after.some(
        (other) => late.has(other) || !this.registry.handlers.has(other),
      );
      if (isLate) late.add(oid);
    }
    this.planned = {
      before: ordered.filter(({ oid }) => !late.has(oid)),
      declared: tables.map((table) =>
        this.registry.handlers.has(table.oid) ? onlyFollowing(table) : table,
      ),
      after: ordered.filter(({ oid }) => late.has(oid)),
    };
  }
}

/** A handler moves the rows of its table; their references to rows of other tables that give way are not its business. */
function onlyFollowing(table: OwnedTable): OwnedTable {
  return { ...table, owners: [], collidingKeys: [] };
}

/** Keeps the given order as far as `after` allows. */
export function inOrder(steps: readonly HandledTable[]): HandledTable[] {
  const ordered: HandledTable[] = [];
  const visit = (step: HandledTable, path: readonly HandledTable[]): void => {
    if (ordered.includes(step)) return;
    if (path.includes(step)) {
      const circle = [...path.slice(path.indexOf(step)), step]
        .map(({ handler }) => handler.name)
        .join(' → ');
      throw new ConfigurationError(
        `merge handlers wait for each other: ${circle}. Remove one \`after\`.`,
      );
    }
    for (const oid of step.handler.after) {
      const earlier = steps.find((other) => other.oid === oid);
      if (earlier) visit(earlier, [...path, step]);
    }
    ordered.push(step);
  };
  for (const step of steps) visit(step, []);
  return ordered;
}
