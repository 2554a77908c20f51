/** A line of a table: each cell has one line or more. */
export type TextRow = readonly (readonly string[])[];

/** Lays cells out in columns, two spaces apart. A style sees the text before it is padded. */
export function aligned(rows: readonly TextRow[]): string[][] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.flatMap((row) => row[column]!.map((line) => line.length))),
  );
  return rows.map((row) => {
    const height = Math.max(1, ...row.map((cell) => cell.length));
    return Array.from({ length: height }, (_, line) =>
      row
        .map((cell, column) => (cell[line] ?? '').padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    );
  });
}

/** Breaks prose at spaces. What stands between backticks stays in one piece, to be copied. */
export function wrapped(text: string, width: number): string[] {
  const words = text.match(/(?:`[^`]*`|[^\s`])+/g) ?? [];
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}
