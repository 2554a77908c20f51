import { type MergeContext, MergeHandler, type MergeReport } from 'nestjs-anonymous';
import { Wallet } from './entities.js';
import { Heard } from './heard.js';

@MergeHandler(Wallet)
export class WalletMergeHandler implements MergeHandler {
  constructor(private readonly heard: Heard) {}

  async merge({ guest, account, manager }: MergeContext): Promise<MergeReport | void> {
    const wallets = manager.getRepository(Wallet);
    const [theirs, own] = [
      await wallets.findOneBy({ userId: guest.id }),
      await wallets.findOneBy({ userId: account.id }),
    ];
    if (!theirs) return;
    if (!own) {
      await wallets.update({ id: theirs.id }, { userId: account.id });
      return;
    }
    own.credits += theirs.credits;
    await wallets.save(own);
    await wallets.delete({ id: theirs.id });
    this.heard.folded.push(own.credits);
    return { folded: [theirs.id] };
  }
}
