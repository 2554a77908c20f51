/** The same promise, which fails when it takes longer. What it waits for is not stopped. */
export async function atMost<Result>(ms: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it takes too long')), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What went wrong, for the log. Servers repeat addresses in their messages, so of those only the codes are told. */
export function reasonOf(error: unknown): string {
  const { code, responseCode, name } = (error ?? {}) as Record<string, unknown>;
  const parts = [name, code, responseCode].filter(
    (part) => typeof part === 'string' || typeof part === 'number',
  );
  return parts.join(' ') || 'no reason';
}
