const FRAMES = /^(BEGIN|START|COMMIT|ROLLBACK|SET|SAVEPOINT|RELEASE)\b/i;

/** Counts what contenders say to Postgres, in Postgres' own log. */
export class StatementLog {
  private readonly counts = new Map<string, { statements: number; frames: number }>();

  /** A line of the log, which begins with the name of the database. */
  take(line: string): void {
    const [, database, text] =
      /^(\w+)\|.*?LOG: {2}(?:statement|execute [^:]*): (.*)$/.exec(line) ?? [];
    if (database === undefined || text === undefined) return;
    const count = this.of(database);
    if (FRAMES.test(text)) count.frames += 1;
    else count.statements += 1;
    this.counts.set(database, count);
  }

  /** Statements, and beside them those that only frame a transaction. */
  of(database: string): { statements: number; frames: number } {
    return { ...(this.counts.get(database) ?? { statements: 0, frames: 0 }) };
  }

  clear(): void {
    this.counts.clear();
  }
}
