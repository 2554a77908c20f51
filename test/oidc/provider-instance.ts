import { NO_RETRY } from '../support/links.js';
import { createTestApp } from '../support/test-app.js';

/** An instance of an app with one provider. Says its address when it is ready. */
const { DATABASE_URL: databaseUrl, PROVIDER } = process.env;
const providers = [JSON.parse(PROVIDER!)];
const { url } = await createTestApp({
  adapter: 'fastify',
  databaseUrl,
  options: { linking: NO_RETRY, providers },
});
console.info(url);
