import type { HttpAnswer } from '../http-client.js';
import type { Acknowledged } from '../checker/acknowledged.js';

/** Where each kind of write ends up, and the column with the key that its client has made up. */
const TABLES = {
  pet: 'name',
  photo: 'url',
  basket_item: 'sku',
} as const;
export type WrittenTable = keyof typeof TABLES;

type Outcome = 'acknowledged' | 'refused' | 'unanswered';

/** Somebody who has written, and who may own it in the end. */
export interface Writer {
  /** Ids of the users that the person has been, or may have become. */
  readonly users: Set<string>;
}

interface Write {
  readonly table: WrittenTable;
  readonly key: string;
  readonly writer: Writer;
  readonly outcome: Outcome;
}

/** A sign-in or an upgrade that was answered with success. */
interface Arrival {
  readonly kind: 'sign-in' | 'upgrade';
  readonly email: string;
  readonly userId: string;
  readonly linkId: string | undefined;
  readonly tookMs: number;
}

/** What the clients of a load were told, to be compared with what is there in the end. */
export class Journal {
  readonly arrivals: Arrival[] = [];
  /** Every status of an answer, by how often it came; 0 for none. */
  readonly statuses = new Map<number, number>();
  /** Answers that nobody should ever get. */
  readonly faulty: string[] = [];
  private readonly writes: Write[] = [];
  private readonly kept = new Set<string>();

  /** Notes an answer, or that there was none. */
  heard(what: string, answer: HttpAnswer | undefined): void {
    const status = answer?.status ?? 0;
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    if (status >= 500 && status !== 503) this.faulty.push(`${what}: ${status} ${answer!.text}`);
  }

  wrote(writer: Writer, table: WrittenTable, key: string, answer: HttpAnswer | undefined): void {
    this.heard(`write to ${table}`, answer);
    const outcome = outcomeOf(answer);
    this.writes.push({ table, key, writer, outcome });
    if (outcome === 'acknowledged') this.kept.add(key);
  }

  get acknowledged(): number {
    return this.kept.size;
  }

  isAcknowledged(key: string): boolean {
    return this.kept.has(key);
  }

  /** For the checker. */
  rows(): Acknowledged[] {
    return (Object.keys(TABLES) as WrittenTable[]).map((table) => ({
      table,
      column: TABLES[table],
      keys: this.keys(table, 'acknowledged'),
      refused: this.keys(table, 'refused'),
      unanswered: this.keys(table, 'unanswered'),
    }));
  }

  /** Who may own what, by table and key. */
  owners(table: WrittenTable): Map<string, ReadonlySet<string>> {
    const writes = this.writes.filter((write) => write.table === table);
    return new Map(writes.map(({ key, writer }) => [key, writer.users]));
  }

  /** Milliseconds that this share of the sign-ins took at the most. */
  signInTook(share: number): number {
    const times = this.arrivals
      .filter(({ kind }) => kind === 'sign-in')
      .map(({ tookMs }) => tookMs)
      .toSorted((a, b) => a - b);
    return Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
  }

  count(kind: Arrival['kind']): number {
    return this.arrivals.filter((arrival) => arrival.kind === kind).length;
  }

  private keys(table: WrittenTable, outcome: Outcome): string[] {
    return this.writes
      .filter((write) => write.table === table && write.outcome === outcome)
      .map(({ key }) => key);
  }
}

/** A server that failed, or was gone before it answered, may have done its work. */
function outcomeOf(answer: HttpAnswer | undefined): Outcome {
  if (answer === undefined || answer.status >= 500) return 'unanswered';
  return answer.status < 300 ? 'acknowledged' : 'refused';
}
