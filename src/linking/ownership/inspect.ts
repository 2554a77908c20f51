import type { DataSource } from 'typeorm';
import { ConfigurationError } from '../../common/errors.js';
import type { UsersService } from '../../users/users.service.js';
import type { MergeHandlerRegistry } from '../merge/merge-handler.registry.js';
import { inOrder } from '../merge/merge-plan.js';
import type { DeclarationResolver } from './declaration-resolver.js';
import { type InspectionSources, inspectedTables, unquoted } from './inspected-tables.js';
import type { Finding, Inspection } from './inspection.js';
import { readCascades, readEntries } from './inspection-catalog.js';
import {
  blockedDeletes,
  cascades,
  missingIndexes,
  refused,
  softReferences,
} from './inspection-findings.js';
import type { OwnershipService, Survey } from './ownership.service.js';

/** The services of an app that has been put together and not started. */
export interface Inspected {
  readonly dataSource: DataSource;
  readonly users: UsersService;
  readonly ownership: OwnershipService;
  readonly registry: MergeHandlerRegistry;
  readonly resolver: DeclarationResolver;
}

/** Looks at everything that a merge depends on, in the database and in the host's declarations. Changes nothing. */
export async function inspect(app: Inspected): Promise<Inspection> {
  const survey = await surveyOf(app.ownership);
  if (survey instanceof ConfigurationError) return { tables: [], findings: [wrong(survey)] };
  return app.dataSource.transaction('REPEATABLE READ', async (manager) => {
    await manager.query('SET TRANSACTION READ ONLY');
    const usersId = unquoted(app.users.table.columns.id);
    const entries = await readEntries(manager, survey.usersOid, usersId);
    const sources: InspectionSources = {
      survey,
      entries: new Map(entries.map((entry) => [entry.oid, entry])),
      handlers: new Map(
        [...app.registry.handlers.values()].map(({ tableOid, name }) => [tableOid, name]),
      ),
      resolver: app.resolver,
    };
    return {
      tables: inspectedTables(sources),
      findings: [
        ...survey.refusals.map(refused),
        ...circles(app.registry),
        ...missingIndexes(sources),
        ...cascades(sources, await readCascades(manager, survey.usersOid)),
        ...softReferences(sources),
        ...blockedDeletes(sources),
      ],
    };
  });
}

/** What the survey found, or why there is none. */
async function surveyOf(ownership: OwnershipService): Promise<Survey | ConfigurationError> {
  try {
    return await ownership.survey();
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
}

function circles({ handlers }: MergeHandlerRegistry): Finding[] {
  try {
    inOrder(
      [...handlers.values()].map((handler) => ({
        name: handler.name,
        oid: handler.tableOid,
        handler,
        table: undefined,
      })),
    );
    return [];
  } catch (error) {
    return [wrong(error as ConfigurationError)];
  }
}

function wrong({ message }: ConfigurationError): Finding {
  return {
    kind: 'wrong-declaration',
    severity: 'error',
    table: null,
    columns: [],
    problem: message.replace(/^nestjs-anonymous: /, ''),
    fix: null,
    line: null,
  };
}
