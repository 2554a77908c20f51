import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { rowsOf, type SqlTable } from '../../common/sql.js';
import { Tables } from '../../users/tables.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { AuthFlow } from './auth-flow.js';
import { FlowSecrets } from './flow-secrets.js';
import type { FlowPurpose } from './flows.service.js';

const MOST_ATTEMPTS = 5;

/** Counts what is typed beside the secret of a flow, such as a password, so that nobody goes on guessing. */
@Injectable()
export class FlowAttempts {
  private readonly table: SqlTable<AuthFlow>;

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly secrets: FlowSecrets,
    tables: Tables,
  ) {
    this.table = tables.of(AuthFlow);
  }

  /**
   * Counts an attempt before it is looked at, so that of any number at the same time only so many are. @returns whether it
   * may be looked at.
   */
  async begin(purpose: FlowPurpose, secret: string): Promise<boolean> {
    const { columns: c } = this.table;
    return this.change(
      `${c.attempts} = ${c.attempts} + 1`,
      `${c.attempts} < ${MOST_ATTEMPTS}`,
      purpose,
      secret,
    );
  }

  /** An attempt was wrong. The flow ends with the last. */
  async fail(purpose: FlowPurpose, secret: string): Promise<void> {
    const { columns: c } = this.table;
    await this.change(
      `${c.consumedAt} = now()`,
      `${c.attempts} >= ${MOST_ATTEMPTS}`,
      purpose,
      secret,
    );
  }

  private async change(
    assignment: string,
    condition: string,
    purpose: FlowPurpose,
    secret: string,
  ): Promise<boolean> {
    const { path, columns: c } = this.table;
    const rows = await rowsOf(
      this.dataSource,
      `UPDATE ${path} SET ${assignment}
       WHERE ${c.purpose} = $1 AND ${c.tokenHash} = ANY ($2::bytea[]) AND ${c.consumedAt} IS NULL AND ${condition}
       RETURNING 1`,
      [purpose, this.secrets.everyHiding(purpose, secret)],
    );
    return rows.length === 1;
  }
}
