import { once } from 'node:events';
import { createServer } from 'node:net';
import { StartError } from '../start-error.js';

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use. Set PORT to another one.',
  EACCES: 'needs rights. Set PORT to one above 1023.',
};

/**
 * Asks before anything has started, so that the answer is one line and nothing has to be stopped again.
 * @throws StartError
 */
export async function expectFreePort({
  port,
  host,
}: {
  port: number;
  host: string;
}): Promise<void> {
  const probe = createServer().listen(port, host);
  try {
    await once(probe, 'listening');
  } catch (cause) {
    const reason = REASONS[(cause as NodeJS.ErrnoException).code ?? ''];
    throw reason ? new StartError(`Port ${port} ${reason}`, { cause }) : cause;
  }
  probe.close();
  await once(probe, 'close');
}
