import { createTestApp } from '../support/test-app.js';
import { heldApp } from './kill-points.js';

const { DATABASE_URL: databaseUrl } = process.env;
const { url } = await createTestApp({ ...heldApp('50ms'), databaseUrl });
console.info(url);
