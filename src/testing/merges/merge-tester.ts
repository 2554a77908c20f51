import type { EntityManager } from 'typeorm';
import type { LinkReceipt, TableReceipt } from '../../auth/account-linker.js';
import type { LinkPair } from '../../linking/ledger/account-link.js';
import { MergeConnection } from '../../linking/merge/merge-connection.js';
import type { OwnedTable } from '../../linking/ownership/ownership-map.js';
import { TestKitError } from '../kit-error.js';
import { Holdings } from './holdings.js';
import type { MergeParts, TesterOptions } from './merge-parts.js';
import { MergeTrial, type Scene } from './merge-trial.js';
import { Verdict } from './verdict.js';

const SHORTEST_MS = 60_000;
const NOTHING: TableReceipt = { moved: 0, folded: 0, dropped: 0 };

/** Merges a guest that exists for that alone, in a transaction that is always undone, and judges what came of it. */
export class MergeTester {
  constructor(
    private readonly parts: MergeParts,
    private readonly table: OwnedTable,
    private readonly options: TesterOptions,
  ) {}

  /** Every case of the table. @returns the receipt of the one with collisions. @throws TestKitError */
  async run(): Promise<TableReceipt> {
    const { dataSource, map, tables, usersOid } = this.parts;
    await tables.loadAll([usersOid, ...new Holdings(dataSource, tables, map).oids]);
    const arrived = await this.judged('the account has no rows', (trial) => trial.arrival());
    const met = await this.judged('rows of both collide', (trial) => trial.meeting());
    return met ?? arrived ?? NOTHING;
  }

  /** @returns `undefined` when a table refuses the merge, as it should. */
  private judged(
    when: string,
    set: (trial: MergeTrial) => Promise<Scene>,
  ): Promise<TableReceipt | undefined> {
    return this.undone(async (connection, signal) => {
      const { manager } = connection;
      const scene = await set(this.trial(manager));
      const holdings = new Holdings(manager, this.parts.tables, this.parts.map);
      const verdict = new Verdict(this.parts, this.table, this.options, scene, holdings);
      await verdict.look();
      const link = await this.open(manager, scene);
      const refusing = await this.refusing(manager, link);
      if (refusing !== undefined) return this.mustRefuse(connection, link, signal, refusing);
      const receipts = await this.merge(connection, link, signal, when);
      await verdict.judge(manager, receipts, when);
      await verdict.judgeAgain(when, () => this.again(connection, link, signal));
      return receipts[this.table.name] ?? NOTHING;
    });
  }

  private trial(manager: EntityManager): MergeTrial {
    const { map, usersOid, users, tables } = this.parts;
    const belonging = new Set(new Holdings(manager, tables, map).oids);
    const { samples, sums } = this.options;
    const wanted = (oid: string) => (oid === this.table.oid ? sums : []);
    const workshop = { manager, tables, map, usersOid, belonging, samples, wanted };
    return new MergeTrial(workshop, users.table, this.table);
  }

  private async open(manager: EntityManager, { cast }: Scene): Promise<LinkPair> {
    const guest = await this.parts.users.findById(manager, cast.guest.id!);
    const { id, epoch } = guest!;
    const link = await this.parts.openings.open(manager, { id, epoch }, cast.account.id!, 'merge');
    if (link) return link;
    throw new TestKitError('a link of the guest and the account could not be recorded.');
  }

  private async merge(
    connection: MergeConnection,
    link: LinkPair,
    signal: AbortSignal,
    when: string,
  ): Promise<LinkReceipt['tables']> {
    const { name } = this.table;
    try {
      const outcome = await this.parts.merges.merge(connection, link, signal);
      if (outcome.kind === 'merged') return outcome.link.receipt!.tables;
      throw new Error('a trigger or a handler has changed the users or the ledger.');
    } catch (error) {
      throw new TestKitError(
        `${name}, when ${when}: the merge fails, and would be tried again and again: ${reasonOf(error)}`,
        { cause: error },
      );
    }
  }

  /** Signing in with the same guest once more, and sweeping for rows that came late. */
  private async again(
    connection: MergeConnection,
    link: LinkPair,
    signal: AbortSignal,
  ): Promise<LinkReceipt['tables']> {
    const outcome = await this.parts.merges.merge(connection, link, signal);
    if (outcome.kind !== 'settled-elsewhere') throw new Error('the link is not settled.');
    const [guest, account] = [{ id: link.guestId }, { id: link.accountId! }];
    return this.parts.takeOver.again(connection, { linkId: link.id, guest, account }, signal);
  }

  /** A table whose rows collide although it lets no merge do anything about that. */
  private async refusing(manager: EntityManager, link: LinkPair): Promise<string | undefined> {
    const { guestId, accountId } = link;
    const { tables } = await this.parts.previews.within(manager, guestId, accountId!);
    const refusing = Object.entries(tables).find(
      ([, { decidedBy, collisions }]) => decidedBy === 'refuse' && collisions > 0,
    );
    return refusing?.[0];
  }

  private async mustRefuse(
    connection: MergeConnection,
    link: LinkPair,
    signal: AbortSignal,
    refusing: string,
  ): Promise<undefined> {
    const outcome = await this.parts.merges
      .merge(connection, link, signal)
      .catch((error: unknown) => error);
    if (outcome instanceof Error) return undefined;
    throw new TestKitError(
      `${refusing} is declared with 'refuse', but a merge with a collision went through.`,
    );
  }

  private async undone<Result>(
    work: (connection: MergeConnection, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const { dataSource } = this.parts;
    // Making the rows takes time too.
    const timeoutMs = Math.max(this.parts.timeoutMs, SHORTEST_MS);
    const signal = AbortSignal.timeout(timeoutMs);
    const undo = new Error('undone on purpose');
    const results: Result[] = [];
    const transaction = MergeConnection.transaction(
      dataSource,
      timeoutMs,
      signal,
      async (connection) => {
        results.push(await work(connection, signal));
        throw undo;
      },
    );
    await transaction.catch((error: unknown) => {
      if (error !== undo) throw error;
    });
    return results[0]!;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
