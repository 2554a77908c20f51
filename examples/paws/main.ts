import 'reflect-metadata';
import { readConfig } from './config/config.js';
import { createPawsApp } from './create-app.js';
import { openDatabase } from './database/open-database.js';
import { closeApp, Shutdown } from './shutdown.js';
import { StartError } from './start-error.js';

const shutdown = new Shutdown();
shutdown.onSignals('SIGINT', 'SIGTERM');
try {
  const config = readConfig(process.env);
  const database = await openDatabase(config);
  shutdown.add(() => database.close());
  if (database.isSecretForThisRun) {
    console.warn('AUTH_SECRET is not set: made one for this run, so every session ends with it.');
  }
  const app = await createPawsApp({
    ...config.app,
    databaseUrl: database.url,
    secret: database.secret,
  });
  shutdown.add(() => closeApp(app));
  await app.listen(config.port, config.host);
  console.log(`Paws is ready: ${config.app.baseUrl}`);
  if (database.dataDir) console.log(`Its data is in ${database.dataDir}`);
} catch (error) {
  if (!shutdown.isUnderWay) {
    console.error(explained(error));
    await shutdown.run(1);
  }
}

function explained(error: unknown): unknown {
  const { code, port } = error as { code?: string; port?: number };
  if (error instanceof StartError) return error.message;
  if (code === 'EADDRINUSE') return `Port ${port} is in use. Set PORT to another one.`;
  if (code === 'EACCES') return `Port ${port} needs rights. Set PORT to one above 1023.`;
  return error;
}
