/** Collects the parameters of one statement and hands out their places. */
export class SqlParameters {
  readonly values: unknown[] = [];

  /** The place of a value, with the type that the statement gives it. */
  add(value: unknown, type: string): string {
    this.values.push(value);
    return `$${this.values.length}::text${type.endsWith('[]') ? '[]' : ''}::${type}`;
  }
}
