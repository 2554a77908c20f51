import { Injectable } from '@nestjs/common';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Repository } from 'typeorm';
import { type MergeContext, MergeHandler, type MergeReport } from '../../src/index.js';
import { Wallet } from '../support/host.js';
import {
  creditsOf,
  giveWallet,
  guestWithNotes,
  ledgerOf,
  NO_RETRY,
  notesOf,
  reconcile,
  signIn,
  userExists,
} from '../support/links.js';
import { bearer, newAccount } from '../support/people.js';
import { programOf } from '../support/program.js';
import { closeApps, startApp } from '../support/running-apps.js';

const options = { linking: NO_RETRY };

afterEach(closeApps);

describe('a handler that throws where nobody can catch it', () => {
  it('ends the process aloud, with nothing merged, and another instance does the merge', async () => {
    const host = await startApp({ options });
    const [account, guest] = [await newAccount(host), await guestWithNotes(host, 'mine')];
    const child = spawn(
      process.execPath,
      [
        programOf(join(import.meta.dirname, 'crashing-app.ts')),
        host.databaseUrl,
        guest.userId,
        account.userId,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const [said, cried, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit') as Promise<[number | null]>,
    ]);
    expect({ said, code }).toEqual({ said: '', code: 1 });
    expect(cried).toMatch(/Error: thrown aside/);
    expect(await ledgerOf(host, guest.userId)).toMatchObject([
      { status: 'pending', receipt: null },
    ]);
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    expect(await userExists(host, guest.userId)).toBe(true);
    const again = await signIn({ client: bearer(host, guest.token) }, account);
    expect(again).toMatchObject({ status: 200, body: { link: { status: 'merged' } } });
    expect(await notesOf(host, account.userId)).toEqual(['mine']);
  }, 40_000);
});

/** Writes through what Nest injects, not through the manager of the merge. */
@MergeHandler(Wallet)
@Injectable()
class RepositoryHandler implements MergeHandler {
  isFixed = false;

  constructor(@InjectRepository(Wallet) private readonly wallets: Repository<Wallet>) {}

  async merge({ guest, account, manager }: MergeContext): Promise<MergeReport | void> {
    // The merge holds this row, so on another connection the second statement would wait for ever.
    await manager.update(Wallet, { userId: guest.id }, { credits: 6 });
    const wallets = this.isFixed ? manager.withRepository(this.wallets) : this.wallets;
    await wallets.update({ userId: guest.id }, { userId: account.id });
  }
}

describe('a handler with a repository of its own', () => {
  it('is refused at once instead of waiting for the merge that waits for it', async () => {
    const imports = [TypeOrmModule.forFeature([Wallet])];
    const host = await startApp({ options, imports, providers: [RepositoryHandler] });
    const [account, guest] = [await newAccount(host), await guestWithNotes(host, 'mine')];
    await giveWallet(host, guest.userId, 5);
    expect(await signIn(guest, account)).toMatchObject({
      status: 200,
      body: { link: { status: 'pending' } },
    });
    // Had it waited, the budget would have ended the wait, and nothing would be known yet.
    const [link] = await ledgerOf(host, guest.userId);
    expect(link!.error).toMatch(/RepositoryHandler asked the DataSource for another connection/);
    expect(await creditsOf(host, guest.userId)).toEqual([5]);
    host.app.get(RepositoryHandler).isFixed = true;
    await reconcile(host);
    expect(await creditsOf(host, account.userId)).toEqual([6]);
  });
});
