import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { rowsOf, type SqlExecutor, type SqlTable } from '../../common/sql.js';
import { Tables } from '../../users/tables.js';
import type { UserId } from '../../users/user.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { AuthFlow } from './auth-flow.js';
import { FlowSecrets } from './flow-secrets.js';
import { type FlowPurpose, FlowsService } from './flows.service.js';

/** Flows that are under way, found by what they are about instead of their secret. */
@Injectable()
export class PendingFlows {
  private readonly table: SqlTable<AuthFlow>;

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly flows: FlowsService,
    private readonly secrets: FlowSecrets,
    tables: Tables,
  ) {
    this.table = tables.of(AuthFlow);
  }

  /**
   * A new secret for a flow that has not ended, in the place of the one that was mailed. All else about it stays.
   * @returns `undefined` when there is none.
   */
  async renew(
    purpose: FlowPurpose,
    email: string,
    lifetimeMs: number,
  ): Promise<string | undefined> {
    const { path, columns: c } = this.table;
    const secret = this.secrets.make();
    const rows = await rowsOf(
      this.dataSource,
      `UPDATE ${path} AS f SET ${c.tokenHash} = $3, ${c.expiresAt} = now() + $4 * interval '1 millisecond'
       WHERE f.${c.purpose} = $1 AND f.${c.email} = $2 AND ${this.flows.unended('f')} RETURNING 1`,
      [purpose, email, this.secrets.hide(purpose, secret), lifetimeMs],
    );
    return rows.length === 1 ? secret : undefined;
  }

  /** Ends every flow of this purpose that is about the account, for any address. */
  async abandon(executor: SqlExecutor, purpose: FlowPurpose, accountId: UserId): Promise<void> {
    const { path, columns: c } = this.table;
    await executor.query(
      `DELETE FROM ${path} WHERE ${c.purpose} = $1 AND ${c.email} IS NOT NULL AND ${c.userId} = $2`,
      [purpose, accountId],
    );
  }
}
