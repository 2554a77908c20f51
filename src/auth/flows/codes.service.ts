import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { rowsOf, type SqlExecutor, type SqlTable } from '../../common/sql.js';
import { Tables } from '../../users/tables.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { AuthFlow } from './auth-flow.js';
import { FlowSecrets } from './flow-secrets.js';
import {
  type FlowPurpose,
  type FlowRow,
  FlowsService,
  type FlowStart,
  type LiveFlow,
  liveFlow,
} from './flows.service.js';

/** Wrong codes after which the right one is void too. */
const MOST_WRONG = 5;

/** What somebody types: a code, and the address that it was mailed to. */
export interface TypedCode {
  readonly purpose: FlowPurpose;
  /** Normalised. */
  readonly email: string;
  readonly code: string;
}

/**
 * Flows that end with a short code instead of a link. Such a secret can be guessed, so it is found by its address, and every
 * wrong one is counted.
 */
@Injectable()
export class CodesService {
  private readonly table: SqlTable<AuthFlow>;

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly flows: FlowsService,
    private readonly secrets: FlowSecrets,
    tables: Tables,
  ) {
    this.table = tables.of(AuthFlow);
  }

  /** @returns the code for the mail; only its HMAC is kept, and that says what it is for and for which address. */
  async start(flow: FlowStart): Promise<string> {
    const code = this.secrets.makeCode();
    await this.flows.record(flow, this.secrets.hide(useOf(flow), code));
    return code;
  }

  /**
   * The flow that the code would end, without ending it; `undefined` when there is none, for whatever reason. A wrong code is
   * counted in the statement that compares it, and for good: of any number of guesses at the same time no more are compared
   * than may be wrong.
   */
  async guess(typed: TypedCode): Promise<LiveFlow | undefined> {
    const { path, columns: c, select } = this.table;
    const [flow] = await rowsOf<FlowRow & { isRight: boolean }>(
      this.dataSource,
      `UPDATE ${path} AS f SET ${c.attempts} = f.${c.attempts} + CASE WHEN ${this.isRight('f')} THEN 0 ELSE 1 END
       WHERE ${this.live('f')} RETURNING ${select('f')}, ${this.isRight('f')} AS "isRight"`,
      this.parameters(typed),
    );
    return flow?.isRight ? liveFlow(flow) : undefined;
  }

  /** Ends the flow: of any number of requests with the right code one gets `true`. */
  async redeem(executor: SqlExecutor, typed: TypedCode): Promise<boolean> {
    const { path, columns: c } = this.table;
    const rows = await rowsOf(
      executor,
      `UPDATE ${path} AS f SET ${c.consumedAt} = now()
       WHERE ${this.live('f')} AND ${this.isRight('f')} RETURNING 1`,
      this.parameters(typed),
    );
    return rows.length === 1;
  }

  private live(f: string): string {
    const { columns: c } = this.table;
    return `${f}.${c.purpose} = $1 AND ${f}.${c.email} = $2 AND ${f}.${c.attempts} < ${MOST_WRONG}
      AND ${this.flows.unended(f)}`;
  }

  private isRight(f: string): string {
    return `${f}.${this.table.columns.tokenHash} = ANY ($3::bytea[])`;
  }

  private parameters(typed: TypedCode): unknown[] {
    const { purpose, email, code } = typed;
    return [purpose, email, this.secrets.everyHiding(useOf(typed), code)];
  }
}

function useOf({ purpose, email }: { purpose: FlowPurpose; email: string }): string {
  return `${purpose}:${email}`;
}
