import type { Adapter, AdapterPayload } from 'oidc-provider';

const MOST_KEPT = 1_000;

/** What the development provider remembers, for as long as the program runs. */
export class MemoryAdapter implements Adapter {
  private readonly kept = new Map<string, AdapterPayload>();

  constructor(private readonly model: string) {}

  async upsert(id: string, payload: AdapterPayload): Promise<void> {
    this.kept.set(id, payload);
    const [oldest] = this.kept.keys();
    if (this.kept.size > MOST_KEPT) this.kept.delete(oldest!);
  }

  /** Nobody stays signed in at the provider: the next person at this machine is asked who they are. */
  async find(id: string): Promise<AdapterPayload | undefined> {
    return this.model === 'Session' ? undefined : this.kept.get(id);
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return [...this.kept.values()].find((payload) => payload.uid === uid);
  }

  async findByUserCode(): Promise<undefined> {}

  async consume(id: string): Promise<void> {
    const payload = this.kept.get(id);
    if (payload) payload.consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id: string): Promise<void> {
    this.kept.delete(id);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [id, payload] of this.kept) {
      if (payload.grantId === grantId) this.kept.delete(id);
    }
  }
}
