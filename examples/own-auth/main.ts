import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { startEmbeddedPostgres } from '../../scripts/embedded-postgres.mjs';
import { createOwnAuthApp } from './create-app.js';

const { DATABASE_URL, GUEST_SECRET, JWT_SECRET, HTTP_ADAPTER, PORT = '3001' } = process.env;
const baseUrl = `http://localhost:${PORT}`;
const newSecret = () => randomBytes(32).toString('base64url');

// Without a database of yours: one that lives as long as this process, and so do the secrets.
const server = DATABASE_URL === undefined ? await startEmbeddedPostgres() : undefined;
const app = await createOwnAuthApp({
  databaseUrl: DATABASE_URL ?? server!.url(),
  guestSecret: GUEST_SECRET ?? newSecret(),
  jwtSecret: JWT_SECRET ?? newSecret(),
  baseUrl,
  adapter: HTTP_ADAPTER === 'fastify' ? 'fastify' : 'express',
});
await app.listen(Number(PORT), '127.0.0.1');
console.log(`own-auth is ready: ${baseUrl}`);

let isClosing = false;
async function close(): Promise<void> {
  if (isClosing) return;
  isClosing = true;
  await app.close();
  await server?.stop();
  process.exit(0);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void close());
