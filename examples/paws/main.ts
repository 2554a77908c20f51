import 'reflect-metadata';
import { readConfig } from './config/config.js';
import { openDatabase } from './database/open-database.js';
import { startDevProvider } from './dev-provider/dev-provider.js';
import { expectFreePort } from './http/free-port.js';
import { closeApp, Shutdown } from './shutdown.js';
import { StartError } from './start-error.js';

const shutdown = new Shutdown();
shutdown.onSignals('SIGINT', 'SIGTERM');
try {
  const config = readConfig(process.env);
  await expectFreePort(config);
  const database = await openDatabase(config);
  shutdown.add(() => database.close());
  if (database.isSecretForThisRun) {
    console.warn('AUTH_SECRET is not set: made one for this run, so every session ends with it.');
  }
  const devProvider = await startDevProvider(config);
  if (devProvider) shutdown.add(() => devProvider.stop());
  // Most of what there is to load. Not before now: whoever mistyped a setting shall not wait for it.
  const { createPawsApp } = await import('./create-app.js');
  const { PageScript } = await import('./site/page-script.js');
  const app = await createPawsApp({
    ...config.app,
    databaseUrl: database.url,
    secret: database.secret,
    devProvider: devProvider?.client,
  });
  shutdown.add(() => closeApp(app));
  await app.get(PageScript).make();
  await app.listen(config.port, config.host);
  console.log(`Paws is ready: ${config.app.baseUrl}`);
  if (database.dataDir) console.log(`Its data is in ${database.dataDir}`);
} catch (error) {
  if (!shutdown.isUnderWay) {
    console.error(error instanceof StartError ? error.message : error);
    await shutdown.run(1);
  }
}
