/** Counts what contenders say to Postgres, in Postgres' own log. */
export class StatementLog {
  private readonly counts = new Map<string, number>();

  /** A line of the log, which begins with the name of the database. */
  take(line: string): void {
    const [, database, text] =
      /^(\w+)\|.*?LOG: {2}(?:statement|execute [^:]*): (.*)$/.exec(line) ?? [];
    if (database === undefined || text === undefined || isBackground(text)) return;
    this.counts.set(database, this.of(database) + 1);
  }

  of(database: string): number {
    return this.counts.get(database) ?? 0;
  }
}

/** What our instances do by themselves every second, whatever anybody asks of them, to take up merges that are due. */
function isBackground(text: string): boolean {
  return /^UPDATE "account_links" AS l SET "next_attempt_at"|SET "status" = 'kept'/.test(text);
}
