import type { Client } from 'pg';
import type { HttpAnswer } from '../support/http-client.js';
import type { Counts, LinkOutcome, Outcome, Pair } from './product.js';

interface LinkAnswer {
  readonly id: string;
  readonly status: string;
  readonly policy: string;
  readonly receipt: {
    readonly tables: Record<string, { moved: number; folded: number; dropped: number }>;
  } | null;
}

/** Translates answers of the library into words of the model, where users are named in the order in which they come. */
export class Names {
  private readonly users = new Map<string, number>();
  private readonly links = new Map<string, string>();

  constructor(private readonly client: Client) {}

  async outcome({ status, body }: HttpAnswer): Promise<Outcome> {
    if (status >= 400) return { status, code: body.code };
    if (body === null) return { status, user: null };
    const link = 'link' in body ? body.link : 'policy' in body ? body : undefined;
    return {
      status,
      rows: body.rows,
      isAnonymous: body.user?.isAnonymous,
      ...(body.user !== undefined && { user: body.user && this.nameOf(body.user.id) }),
      ...(link !== undefined && { link: link && (await this.linkOutcome(link)) }),
    };
  }

  private async linkOutcome({ id, status, policy, receipt }: LinkAnswer): Promise<LinkOutcome> {
    const { rows } = await this.client.query<{ guest_id: string; account_id: string }>(
      'SELECT guest_id, account_id FROM account_links WHERE id = $1',
      [id],
    );
    const [guest, account] = [this.nameOf(rows[0]!.guest_id), this.nameOf(rows[0]!.account_id)];
    this.links.set(`${guest}>${account}`, id);
    const counts = Object.entries(receipt?.tables ?? {}).map(
      ([table, { moved, folded, dropped }]): [string, Counts] => [table, [moved, folded, dropped]],
    );
    return { guest, account, status, policy, receipt: receipt && Object.fromEntries(counts) };
  }

  /** Also of a link that nobody has been told of, because the process died first. */
  async idOf({ guest, account }: Pair): Promise<string> {
    const known = this.links.get(`${guest}>${account}`);
    if (known) return known;
    const { rows } = await this.client.query<{ id: string }>(
      'SELECT id FROM account_links WHERE guest_id = $1 AND account_id = $2',
      [this.userId(guest), this.userId(account)],
    );
    return rows[0]!.id;
  }

  private userId(name: number): string {
    return [...this.users.keys()][name]!;
  }

  nameOf(userId: string): number {
    const name = this.users.get(userId) ?? this.users.size;
    this.users.set(userId, name);
    return name;
  }
}
