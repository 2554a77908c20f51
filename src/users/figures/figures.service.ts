import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { setTimeout as wait } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { rowsOf, type SqlTable } from '../../common/sql.js';
import { Tables } from '../tables.js';
import { USERS_DATA_SOURCE } from '../users.tokens.js';
import { type FigureCount, FigureCounts } from './figure-counts.js';
import { FIGURES_SETTINGS, type FiguresSettings } from './figures.settings.js';
import { GuestFigure } from './guest-figure.js';

/** How long a shutdown waits for a database that does not answer. */
const SHUTDOWN_GRACE_MS = 2_000;

/** Writes what the instances have counted, so that it adds up, and reads it. */
@Injectable()
export class FiguresService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(FiguresService.name);
  private readonly table: SqlTable<GuestFigure>;
  private timer?: NodeJS.Timeout;
  private writing?: Promise<void>;

  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(FIGURES_SETTINGS) private readonly settings: FiguresSettings,
    private readonly counts: FigureCounts,
    tables: Tables,
  ) {
    this.table = tables.of(GuestFigure);
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.tick(), this.settings.writeEveryMs);
    this.timer.unref();
  }

  /** After the last request and the last merge, and before TypeORM closes the pool: its module is global, so it comes last. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    if (!this.dataSource.isInitialized) return;
    await Promise.race([this.write(), wait(SHUTDOWN_GRACE_MS, undefined, { ref: false })]);
  }

  /** Writes what has been counted up to now. Never throws: what cannot be written is kept for the next time. */
  async write(): Promise<void> {
    await this.writing;
    // Whoever waited for the same one writes together.
    this.writing ??= this.writeCounts().finally(() => {
      this.writing = undefined;
    });
    await this.writing;
  }

  /** The figures of these days, those included that this instance has not written yet. */
  async read(first: string, last: string): Promise<FigureCount[]> {
    await this.write();
    const { path, columns: c } = this.table;
    const rows = await rowsOf<FigureCount & { count: string }>(
      this.dataSource,
      `SELECT to_char(f.${c.day}, 'YYYY-MM-DD') AS "day", f.${c.figure} AS "figure", f.${c.count}::text AS "count"
       FROM ${path} f WHERE f.${c.day} BETWEEN $1 AND $2`,
      [first, last],
    );
    return rows.map((row) => ({ ...row, count: Number(row.count) }));
  }

  private tick(): void {
    if (!this.writing) void this.write();
  }

  private async writeCounts(): Promise<void> {
    const counts = this.counts.take();
    if (counts.length === 0) return;
    try {
      await this.add(counts);
    } catch (error) {
      this.counts.giveBack(counts);
      this.logger.warn(`Figures about guests are kept for the next try: ${String(error)}`);
    }
  }

  /** Always in the same order, so that two instances cannot wait for each other. */
  private async add(counts: readonly FigureCount[]): Promise<void> {
    const { path, columns: c } = this.table;
    await this.dataSource.query(
      `INSERT INTO ${path} AS f (${c.day}, ${c.figure}, ${c.count})
       SELECT w.day, w.figure, w.count FROM unnest($1::date[], $2::text[], $3::bigint[]) AS w (day, figure, count)
       ORDER BY w.day, w.figure
       ON CONFLICT (${c.day}, ${c.figure}) DO UPDATE SET ${c.count} = f.${c.count} + excluded.${c.count}`,
      [
        counts.map(({ day }) => day),
        counts.map(({ figure }) => figure),
        counts.map(({ count }) => count),
      ],
    );
  }
}
