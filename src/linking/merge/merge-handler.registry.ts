import { Inject, Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { DataSource, type EntityTarget, type ObjectLiteral } from 'typeorm';
import { ConfigurationError } from '../../common/errors.js';
import { metadataOf, quotedPath } from '../../common/sql.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { oidsOf } from '../ownership/foreign-keys.js';
import { type MergeHandler, mergeHandlerMetadataOf } from './merge-handler.js';

/** A handler that start-up has found fit. */
export interface RegisteredHandler {
  readonly name: string;
  readonly handler: MergeHandler;
  readonly tableOid: string;
  /** Object ids of the tables that must have changed hands before. */
  readonly after: readonly string[];
}

/** Finds the host's merge handlers and refuses to start when one of them cannot work. */
@Injectable()
export class MergeHandlerRegistry {
  private readonly byTable = new Map<string, RegisteredHandler>();

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly discovery: DiscoveryService,
  ) {}

  get handlers(): ReadonlyMap<string, RegisteredHandler> {
    return this.byTable;
  }

  /**
   * Finds and checks the handlers, once, when the ownership map is read.
   * @returns the tables that have one.
   * @throws ConfigurationError
   */
  async load(): Promise<ReadonlySet<string>> {
    for (const wrapper of this.discovery.getProviders()) {
      const metadata = mergeHandlerMetadataOf(wrapper.metatype);
      if (!metadata) continue;
      const name = wrapper.name;
      if (!wrapper.isDependencyTreeStatic()) {
        throw new ConfigurationError(
          `merge handler ${name} is request-scoped, or injects something that is. A merge runs outside any request: make it a singleton.`,
        );
      }
      const [tableOid, ...after] = await this.oids(name, [
        metadata.entity,
        ...(metadata.after ?? []),
      ]);
      this.register({
        name,
        handler: wrapper.instance as MergeHandler,
        tableOid: tableOid!,
        after,
      });
    }
    return new Set(this.byTable.keys());
  }

  private register(registered: RegisteredHandler): void {
    const { name, handler, tableOid } = registered;
    if (typeof handler?.merge !== 'function') {
      throw new ConfigurationError(
        `merge handler ${name} has no method merge(). Write \`async merge({ guest, account, manager }: MergeContext) { … }\`.`,
      );
    }
    const known = this.byTable.get(tableOid);
    if (known) {
      throw new ConfigurationError(
        known.name === name
          ? `merge handler ${name} is provided by two modules. Provide it in one and export it.`
          : `merge handlers ${known.name} and ${name} are for the same table. Keep one of them.`,
      );
    }
    this.byTable.set(tableOid, registered);
  }

  private async oids(
    handler: string,
    entities: readonly EntityTarget<ObjectLiteral>[],
  ): Promise<string[]> {
    const paths = entities.map((entity) => {
      const metadata = metadataOf(this.dataSource, entity);
      if (metadata) return quotedPath(metadata.tablePath);
      throw new ConfigurationError(
        `merge handler ${handler} names ${nameOf(entity)}, which the DataSource does not know. Add the entity to its options.`,
      );
    });
    const oids = await oidsOf(this.dataSource, paths);
    return oids.map((oid, n) => {
      if (oid !== null) return oid;
      throw new ConfigurationError(
        `merge handler ${handler} names ${nameOf(entities[n]!)}, but table ${paths[n]} does not exist. Run the host's migrations first.`,
      );
    });
  }
}

function nameOf(entity: EntityTarget<ObjectLiteral>): string {
  return typeof entity === 'function' ? entity.name : JSON.stringify(entity);
}
