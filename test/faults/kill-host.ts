import { ReaperService } from '../../src/index.js';
import { createTestApp } from '../support/test-app.js';
import { heldApp } from './kill-points.js';

const { DATABASE_URL: databaseUrl } = process.env;
const { app, url } = await createTestApp({ ...heldApp('50ms'), databaseUrl });
process.on('message', ({ order }: { order: string }) => {
  if (order === 'reap') void app.get(ReaperService).run();
});
process.once('disconnect', () => process.exit(1));
console.info(url);
