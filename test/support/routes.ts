import type { TestApp } from './test-app.js';

/** Every route of the library, as `METHOD /auth/path`, read from an app on Express. */
export function authRoutesOf(host: TestApp): string[] {
  const { router } = host.app.getHttpAdapter().getInstance() as {
    router: { stack: { route?: { path: string; methods: Record<string, boolean> } }[] };
  };
  const routes = router.stack
    .flatMap(({ route }) =>
      Object.keys(route?.methods ?? {}).map((method) => [method, route!.path] as const),
    )
    .filter(([, path]) => path.startsWith('/auth/'))
    .map(([method, path]) => `${method.toUpperCase()} ${path}`);
  return [...new Set(routes)].toSorted();
}
