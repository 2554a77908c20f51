import { Inject, Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { DataSource, type EntityMetadata } from 'typeorm';
import { ConfigurationError } from '../../common/errors.js';
import { metadataOf, quote, quotedPath } from '../../common/sql.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import type {
  CollisionStrategy,
  TableDeclaration,
  TableDeclarations,
  TableTarget,
} from './declarations.js';
import { oidsOf } from './foreign-keys.js';

/** Finds what the host has declared and ties it to tables and columns of the database. */
@Injectable()
export class DeclarationResolver {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly discovery: DiscoveryService,
  ) {}

  /**
   * The declarations by table, with quoted columns.
   * @throws ConfigurationError for a table that does not exist or is declared twice.
   */
  async resolve(): Promise<Map<string, TableDeclaration>> {
    const resolved = new Map<string, TableDeclaration>();
    for (const declaration of this.find()) {
      const name = nameOf(declaration.target);
      const metadata = this.metadata(declaration.target);
      const path = quotedPath(metadata?.tablePath ?? name);
      const [oid] = await oidsOf(this.dataSource, [path]);
      if (typeof oid !== 'string') {
        throw new ConfigurationError(
          `forFeature declares ${name}, but table ${path} does not exist. Name an entity of the DataSource or a table as 'schema.table', and run the host's migrations first.`,
        );
      }
      if (resolved.has(oid)) {
        throw new ConfigurationError(`table ${name} is declared twice. Keep one of the two.`);
      }
      resolved.set(oid, withColumns(declaration, metadata));
    }
    return resolved;
  }

  /** How the host would name a table in a declaration: the class of its entity, if there is one. */
  targetOf(path: string): string | undefined {
    const metadata = this.dataSource.entityMetadatas.find(
      ({ tablePath, schema }) =>
        path === quotedPath(tablePath) || (!schema && path.endsWith(`.${quotedPath(tablePath)}`)),
    );
    return metadata?.targetName;
  }

  private find(): TableDeclaration[] {
    return this.discovery
      .getProviders()
      .map(({ instance }) => instance as Partial<TableDeclarations> | undefined)
      .filter((instance) => instance?.isTableDeclarations === true)
      .flatMap((instance) => instance?.declarations ?? []);
  }

  private metadata(target: TableTarget): EntityMetadata | undefined {
    return metadataOf(this.dataSource, target);
  }
}

function withColumns(declaration: TableDeclaration, metadata?: EntityMetadata): TableDeclaration {
  const column = (name: string) =>
    quote(metadata?.findColumnWithPropertyPath(name)?.databaseName ?? name);
  const { softColumn, strategy } = declaration;
  return {
    ...declaration,
    softColumn: softColumn === undefined ? undefined : column(softColumn),
    strategy: strategyWith(strategy, column),
  };
}

function strategyWith(
  strategy: CollisionStrategy,
  column: (name: string) => string,
): CollisionStrategy {
  if (strategy.kind === 'newest') return { ...strategy, column: column(strategy.column) };
  if (strategy.kind !== 'combine') return strategy;
  const columns = Object.entries(strategy.columns).map(([name, how]) => [column(name), how]);
  return { kind: 'combine', columns: Object.fromEntries(columns) };
}

function nameOf(target: TableTarget): string {
  if (typeof target === 'string') return target;
  return typeof target === 'function' ? target.name : JSON.stringify(target);
}
