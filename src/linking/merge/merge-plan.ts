import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ConfigurationError } from '../../common/errors.js';
import type { OwnedTable } from '../ownership/ownership-map.js';
import { OwnershipService } from '../ownership/ownership.service.js';
import { MergeHandlerRegistry, type RegisteredHandler } from './merge-handler.registry.js';

/** What a merge does with one table. Without a handler its rows are reassigned. */
export interface MergeStep {
  readonly name: string;
  readonly oid: string;
  /** Missing for a handler whose table references no user by a foreign key. */
  readonly table?: OwnedTable;
  readonly handler?: RegisteredHandler;
}

/** The order in which the tables of a merge change hands: handlers first unless they ask to come after something. */
@Injectable()
export class MergePlan implements OnApplicationBootstrap {
  private ordered: readonly MergeStep[] = [];

  constructor(
    private readonly ownership: OwnershipService,
    private readonly registry: MergeHandlerRegistry,
  ) {}

  get steps(): readonly MergeStep[] {
    return this.ordered;
  }

  onApplicationBootstrap(): void {
    this.ordered = inOrder(stepsOf(this.ownership.map.tables, this.registry.handlers));
  }
}

function stepsOf(
  tables: readonly OwnedTable[],
  handlers: ReadonlyMap<string, RegisteredHandler>,
): MergeStep[] {
  const owned = tables.map((table): MergeStep => ({
    name: table.name,
    oid: table.oid,
    table,
    handler: handlers.get(table.oid),
  }));
  const others = [...handlers.values()]
    .filter(({ tableOid }) => !owned.some(({ oid }) => oid === tableOid))
    .map((handler): MergeStep => ({ name: handler.name, oid: handler.tableOid, handler }));
  const byName = (a: MergeStep, b: MergeStep) => a.name.localeCompare(b.name);
  const withHandler = (step: MergeStep) => step.handler !== undefined;
  return [
    ...[...owned.filter(withHandler), ...others].sort(byName),
    ...owned.filter((step) => !withHandler(step)).sort(byName),
  ];
}

/** Keeps the given order as far as `after` allows. */
export function inOrder(steps: readonly MergeStep[]): MergeStep[] {
  const ordered: MergeStep[] = [];
  const visit = (step: MergeStep, path: readonly MergeStep[]): void => {
    if (ordered.includes(step)) return;
    if (path.includes(step)) {
      const circle = [...path.slice(path.indexOf(step)), step].map(handlerName).join(' → ');
      throw new ConfigurationError(
        `merge handlers wait for each other: ${circle}. Remove one \`after\`.`,
      );
    }
    for (const oid of step.handler?.after ?? []) {
      const earlier = steps.find((other) => other.oid === oid);
      if (earlier) visit(earlier, [...path, step]);
    }
    ordered.push(step);
  };
  for (const step of steps) visit(step, []);
  return ordered;
}

function handlerName({ name, handler }: MergeStep): string {
  return handler?.name ?? name;
}
