import { libraryRoutes } from '../support/library-routes.js';
import { authRoutesOf } from '../support/routes.js';
import { createFullApp } from './refused.js';

it('bad input is tried on every route that an app has', async () => {
  const host = await createFullApp({});
  try {
    const known = libraryRoutes.map(({ method, path }) => `${method} ${path}`);
    expect([...new Set(known)].toSorted()).toEqual(authRoutesOf(host));
  } finally {
    await host.close();
  }
});
