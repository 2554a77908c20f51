import type { DataSource } from 'typeorm';
import { rowsOf } from '../../common/sql.js';
import { MergeHandlerRegistry } from '../../linking/merge/merge-handler.registry.js';
import { DeclarationResolver } from '../../linking/ownership/declaration-resolver.js';
import { inspect } from '../../linking/ownership/inspect.js';
import type { Finding, FindingKind, Inspection } from '../../linking/ownership/inspection.js';
import { OwnershipService } from '../../linking/ownership/ownership.service.js';
import { UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import type { HostApp } from '../host/host-app.js';
import { providerOf } from '../host/provider-of.js';

/** What `doctor --json` prints. Fields are added, never changed, as long as `version` stays. */
export interface Diagnosis extends Inspection {
  readonly version: 1;
  /** Whether the exit code is 0. */
  readonly ok: boolean;
  readonly database: string;
  /** The table of the users. */
  readonly users: string;
  readonly findings: readonly DiagnosedFinding[];
}

export interface DiagnosedFinding extends Finding {
  /** Whether it makes the exit code 1. */
  readonly counts: boolean;
}

/** @param allowed kinds of findings that are shown and do not count. */
export async function diagnose(
  app: HostApp['providers'],
  allowed: ReadonlySet<FindingKind> = new Set(),
): Promise<Diagnosis> {
  const dataSource = providerOf<DataSource>(app, USERS_DATA_SOURCE);
  const users = providerOf<UsersService>(app, UsersService);
  const inspection = await inspect({
    dataSource,
    users,
    ownership: providerOf<OwnershipService>(app, OwnershipService),
    registry: providerOf<MergeHandlerRegistry>(app, MergeHandlerRegistry),
    resolver: providerOf<DeclarationResolver>(app, DeclarationResolver),
  });
  const findings = inspection.findings.map((finding): DiagnosedFinding => {
    const counts = finding.severity !== 'note' && !allowed.has(finding.kind);
    return { ...finding, counts };
  });
  const [row] = await rowsOf<{ name: string }>(dataSource, 'SELECT current_database() AS "name"');
  return {
    version: 1,
    ok: !findings.some(({ counts }) => counts),
    database: row!.name,
    users: users.table.name,
    tables: inspection.tables,
    findings,
  };
}
