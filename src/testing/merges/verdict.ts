import type { EntityManager } from 'typeorm';
import type { LinkReceipt } from '../../auth/account-linker.js';
import type { OwnedTable } from '../../linking/ownership/ownership-map.js';
import { TestKitError } from '../kit-error.js';
import type { Row } from '../rows/fillable-table.js';
import { changes } from './changes.js';
import type { Held, Holdings, RowName } from './holdings.js';
import type { MergeParts, TesterOptions } from './merge-parts.js';
import type { Scene } from './merge-trial.js';
import {
  conservation,
  handledConservation,
  pairsLost,
  sumIsKept,
  type TableStory,
} from './problems.js';

type Receipts = LinkReceipt['tables'];

const NOTHING = { moved: 0, folded: 0, dropped: 0 };
const NO_ROWS: ReadonlyMap<RowName, Row> = new Map();

/** Looks at the rows of everybody before and after a merge, and says everything that is wrong at once. */
export class Verdict {
  private guest: Held = new Map();
  private account: Held = new Map();
  private stranger: Held = new Map();

  constructor(
    private readonly parts: MergeParts,
    private readonly table: OwnedTable,
    private readonly options: TesterOptions,
    private readonly scene: Scene,
    private readonly holdings: Holdings,
  ) {}

  /** Before the merge. */
  async look(): Promise<void> {
    const { guest, account } = this.scene.cast;
    this.guest = await this.holdings.of(guest.id!, account.id!);
    this.account = await this.holdings.of(account.id!);
    this.stranger = await this.ofStranger();
  }

  /** @throws TestKitError listing what is wrong. */
  async judge(manager: EntityManager, receipts: Receipts, when: string): Promise<void> {
    const { account } = this.scene.cast;
    const after = await this.holdings.of(account.id!);
    const problems: string[] = [];
    for (const oid of this.holdings.oids) {
      problems.push(...this.conserved(await this.story(oid, after, receipts)));
    }
    problems.push(
      ...(await this.pairs(after, receipts)),
      ...(await this.residue(manager)),
      ...(await this.strangerAlone()),
      ...(await this.accountsOwn(after)),
      ...(await this.atCommit(manager)),
    );
    this.refuse(problems, when);
  }

  /** @param again links and sweeps once more. @throws TestKitError when that changes anything. */
  async judgeAgain(when: string, again: () => Promise<Receipts>): Promise<void> {
    const { account } = this.scene.cast;
    const before = await this.holdings.of(account.id!);
    let receipts: Receipts;
    try {
      receipts = await again();
    } catch (error) {
      const { message } = error as Error;
      this.refuse(
        [`linking once more, when the guest has no rows any more, fails: ${message}`],
        when,
      );
      return;
    }
    const after = await this.holdings.of(account.id!);
    const problems = Object.entries(receipts).map(
      ([name, receipt]) =>
        `linking once more, when the guest has no rows any more, reports ${JSON.stringify(receipt)} for ${name}.`,
    );
    for (const oid of this.holdings.oids) {
      const { name } = await this.parts.tables.get(oid);
      const found = changes("the account's", name, before.get(oid)!, after.get(oid)!);
      problems.push(...found.map((problem) => `linking once more: ${problem}`));
    }
    problems.push(...(await this.strangerAlone()));
    this.refuse(problems, when);
  }

  private async story(
    oid: string,
    after: Held,
    receipts: Receipts,
  ): Promise<TableStory & { readonly oid: string }> {
    const known = this.parts.map.tables.find((table) => table.oid === oid);
    const { name } = known ?? (await this.parts.tables.get(oid));
    return {
      oid,
      name,
      guest: this.guest.get(oid) ?? NO_ROWS,
      account: this.account.get(oid) ?? NO_ROWS,
      after: after.get(oid) ?? NO_ROWS,
      receipt: receipts[name] ?? NOTHING,
    };
  }

  private conserved(story: TableStory & { readonly oid: string }): string[] {
    const { oid } = story;
    if (this.options.absorbed.has(oid)) return [];
    const sums =
      oid === this.table.oid ? this.options.sums.flatMap((c) => sumIsKept(story, c)) : [];
    const isHandled = this.parts.plan.isHandled(oid);
    return [...(isHandled ? handledConservation(story) : conservation(story)), ...sums];
  }

  private async pairs(after: Held, receipts: Receipts): Promise<string[]> {
    const { oid } = this.table;
    const table = await this.parts.tables.get(oid);
    const { guest, account } = this.scene.cast;
    const pairs = this.scene.pairs.map(
      (pair) =>
        [
          this.holdings.nameOf(table, pair.guest, guest.id!, account.id!),
          this.holdings.nameOf(table, pair.account, account.id!, account.id!),
        ] as const,
    );
    return pairsLost(await this.story(oid, after, receipts), pairs);
  }

  private async residue(manager: EntityManager): Promise<string[]> {
    const { guest } = this.scene.cast;
    const tables = await this.parts.ownership.residue(manager, guest.id!, true);
    return tables.map((name) => `rows of ${name} still name the guest.`);
  }

  /** Rows of somebody who takes no part, without what is also of those who do. */
  private async ofStranger(): Promise<Held> {
    const { guest, account, stranger } = this.scene.cast;
    const held = new Map<string, ReadonlyMap<RowName, Row>>();
    for (const [oid, rows] of await this.holdings.of(stranger.id!)) {
      const { owners = [] } = this.parts.map.tables.find((table) => table.oid === oid) ?? {};
      const isShared = (row: Row) =>
        owners.some((owner) => row[owner] === guest.id || row[owner] === account.id);
      held.set(oid, new Map([...rows].filter(([, row]) => !isShared(row))));
    }
    return held;
  }

  private async strangerAlone(): Promise<string[]> {
    const problems: string[] = [];
    const now = await this.ofStranger();
    for (const [oid, rows] of this.stranger) {
      const { name } = await this.parts.tables.get(oid);
      problems.push(...changes("a stranger's", name, rows, now.get(oid)!));
    }
    return problems;
  }

  private async accountsOwn(after: Held): Promise<string[]> {
    const { oid } = this.table;
    const table = await this.parts.tables.get(oid);
    const { id } = this.scene.cast.account;
    const own = new Map(
      this.scene.accountsOwn.map((row) => [this.holdings.nameOf(table, row, id!, id!), row]),
    );
    const found = [...after.get(oid)!].filter(([name]) => own.has(name));
    return changes(
      "the account's own and meets none of the guest's",
      table.name,
      own,
      new Map(found),
    );
  }

  /** What would fail at the COMMIT. */
  private async atCommit(manager: EntityManager): Promise<string[]> {
    await manager.query('SAVEPOINT verdict');
    try {
      await manager.query('SET CONSTRAINTS ALL IMMEDIATE');
      return [];
    } catch (error) {
      await manager.query('ROLLBACK TO SAVEPOINT verdict');
      return [`the COMMIT would fail: ${(error as Error).message}`];
    }
  }

  private refuse(problems: readonly string[], when: string): void {
    if (problems.length === 0) return;
    const list = [...new Set(problems)].map((problem) => `- ${problem}`).join('\n');
    throw new TestKitError(`${this.table.name}, when ${when}:\n${list}`);
  }
}
