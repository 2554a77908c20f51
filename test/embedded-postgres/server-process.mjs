// A program that keeps an embedded PostgreSQL, for the tests to kill. Prints the server as one line of JSON; ends cleanly
// when its stdin is closed.
import { once } from 'node:events';
import { startEmbeddedPostgres } from '../../scripts/embedded-postgres.mjs';

const server = await startEmbeddedPostgres(JSON.parse(process.argv[2]));
console.log(JSON.stringify({ url: server.url(), dataDir: server.dataDir, pid: server.pid }));
await once(process.stdin.resume(), 'end');
await server.stop();
