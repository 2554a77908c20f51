import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { rowsOf, type SqlTable } from '../../common/sql.js';
import { Tables } from '../../users/tables.js';
import type { UserId } from '../../users/user.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import type { GuestCredential } from '../account-linker.js';
import { AuthFlow } from '../flows/auth-flow.js';
import { FlowSecrets } from '../flows/flow-secrets.js';
import type { Visit } from './provider-client.js';

const PURPOSE = 'oidc';

/** How long a person may stay with the provider. */
const VISIT_MS = 600_000;

/** Where a person wants to be in the end. */
export interface Destinations {
  readonly callbackURL?: string;
  readonly newUserCallbackURL?: string;
  readonly errorCallbackURL?: string;
}

/** The account that gets another way in, and the session that asked for it. */
export interface AccountOfVisit {
  readonly userId: UserId;
  readonly epoch: number;
  readonly session: string;
}

/** What is known when a person is sent to a provider. */
export interface VisitStart extends Omit<Visit, 'state'> {
  readonly provider: string;
  /** The guest that is there. */
  readonly guest: GuestCredential | undefined;
  /** `undefined`: the person wants to sign in. */
  readonly account: AccountOfVisit | undefined;
  /** From the flow cookie. */
  readonly browserHash: Buffer;
  readonly destinations: Destinations;
  readonly endsWithBrowser: boolean;
}

/** A visit whose answer has come. */
export type FinishedVisit = Omit<VisitStart, 'browserHash'>;

/** As {@link ProviderFlowsService.start} writes them. */
interface StoredDetails extends Omit<Visit, 'state'>, Destinations {
  readonly provider: string;
  readonly session?: string;
  readonly rememberMe?: 'false';
}

type FlowRow = Pick<AuthFlow, 'guestId' | 'guestEpoch' | 'userId' | 'epoch' | 'details'>;

/** Visits to providers: begun by a browser, ended once by the same. */
@Injectable()
export class ProviderFlowsService {
  private readonly table: SqlTable<AuthFlow>;

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly secrets: FlowSecrets,
    tables: Tables,
  ) {
    this.table = tables.of(AuthFlow);
  }

  /** @param state travels through the browser and the provider; only its HMAC is kept. */
  async start(state: string, visit: VisitStart): Promise<void> {
    const { path, columns: c } = this.table;
    const { provider, nonce, verifier, redirectUri, guest, account, destinations } = visit;
    const details: StoredDetails = {
      provider,
      nonce,
      verifier,
      redirectUri,
      ...destinations,
      ...(account && { session: account.session }),
      ...(visit.endsWithBrowser && { rememberMe: 'false' }),
    };
    await this.dataSource.query(
      `INSERT INTO ${path} (${c.id}, ${c.purpose}, ${c.tokenHash}, ${c.guestId}, ${c.guestEpoch}, ${c.userId},
         ${c.epoch}, ${c.browserHash}, ${c.details}, ${c.expiresAt})
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + $10 * interval '1 millisecond')`,
      [
        uuidv7(),
        PURPOSE,
        this.secrets.hide(PURPOSE, state),
        guest?.id ?? null,
        guest?.epoch ?? null,
        account?.userId ?? null,
        account?.epoch ?? null,
        visit.browserHash,
        JSON.stringify(details),
        VISIT_MS,
      ],
    );
  }

  /**
   * Ends the visit: of any number of answers with the same state one gets it. It is left alone by another browser, and by
   * the callback of another provider.
   * @param browserHashes what the flow cookie of the request may have been stored as.
   */
  async end(
    state: string,
    provider: string,
    browserHashes: readonly Buffer[],
  ): Promise<FinishedVisit | undefined> {
    const { path, columns: c, select } = this.table;
    const [flow] = await rowsOf<FlowRow>(
      this.dataSource,
      `UPDATE ${path} AS f SET ${c.consumedAt} = now()
       WHERE f.${c.purpose} = $1 AND f.${c.tokenHash} = ANY ($2::bytea[]) AND f.${c.browserHash} = ANY ($3::bytea[])
         AND f.${c.details} ->> 'provider' = $4 AND f.${c.consumedAt} IS NULL AND f.${c.expiresAt} > now()
       RETURNING ${select('f')}`,
      [PURPOSE, this.secrets.everyHiding(PURPOSE, state), browserHashes, provider],
    );
    return flow && finishedVisit(flow);
  }

  /** Where a person goes whose answer is worth nothing, also when it has been brought before. */
  async errorTarget(state: string): Promise<string | undefined> {
    const { path, columns: c } = this.table;
    const [flow] = await rowsOf<{ target: string | null }>(
      this.dataSource,
      `SELECT ${c.details} ->> 'errorCallbackURL' AS "target" FROM ${path}
       WHERE ${c.purpose} = $1 AND ${c.tokenHash} = ANY ($2::bytea[])`,
      [PURPOSE, this.secrets.everyHiding(PURPOSE, state)],
    );
    return flow?.target ?? undefined;
  }
}

function finishedVisit({ guestId, guestEpoch, userId, epoch, details }: FlowRow): FinishedVisit {
  const { provider, nonce, verifier, redirectUri, session, rememberMe, ...destinations } =
    details as unknown as StoredDetails;
  const hasGuest = guestId !== null && guestEpoch !== null;
  const hasAccount = userId !== null && epoch !== null && session !== undefined;
  return {
    provider,
    nonce,
    verifier,
    redirectUri,
    guest: hasGuest ? { id: guestId, epoch: guestEpoch } : undefined,
    account: hasAccount ? { userId, epoch, session } : undefined,
    destinations,
    endsWithBrowser: rememberMe === 'false',
  };
}
