import type { DynamicModule, Type } from '@nestjs/common';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CliError, reasonOf } from '../cli.errors.js';

export type RootModule = Type | DynamicModule;

type Exports = Readonly<Record<string, unknown>>;

/** Where an app's root module is: a file, and one of its exports if it is named. */
export interface RootLocation {
  readonly file: string;
  readonly path: string;
  readonly name: string | undefined;
}

/**
 * @param app `path/to/app.module.js`, or `path#Name` for one export of several.
 * @throws CliError when there is no such file.
 */
export function locate(app: string, cwd: string): RootLocation {
  const [file = '', name] = app.split('#', 2);
  const path = resolve(cwd, file);
  if (existsSync(path)) return { file, path, name };
  throw new CliError(
    `there is no file ${file}. Name the built root module: --app dist/app.module.js`,
  );
}

/**
 * Loads an app's root module: a module class, a dynamic module, or a function that makes one.
 * @throws CliError
 */
export async function loadRootModule({ file, path, name }: RootLocation): Promise<RootModule> {
  const exported = chosen(file, await load(file, path), name);
  const root: unknown = isClass(exported) ? exported : await made(exported);
  if (isClass(root) || isDynamicModule(root)) return root;
  throw new CliError(
    `${file}${name === undefined ? '' : `#${name}`} is no Nest module, and no function that makes one.`,
  );
}

async function load(file: string, path: string): Promise<Exports> {
  try {
    return (await import(pathToFileURL(path).href)) as Exports;
  } catch (error) {
    const hint = /\.[mc]?ts$/.test(file)
      ? ". For TypeScript Node needs a loader: NODE_OPTIONS='--import @swc-node/register/esm-register' npx nestjs-anonymous …"
      : '';
    throw new CliError(`cannot load ${file}: ${reasonOf(error)}${hint}`, { cause: error });
  }
}

function chosen(file: string, exports: Exports, name: string | undefined): unknown {
  // A CommonJS file comes with all its exports as the default one as well.
  const all: Exports = { ...(exports.default as Exports | undefined), ...exports };
  if (name !== undefined) {
    if (all[name] !== undefined) return all[name];
    throw new CliError(`${file} has no export ${name}. It has ${listed(all)}.`);
  }
  if (all.AppModule !== undefined) return all.AppModule;
  if (isClass(exports.default)) return exports.default;
  const modules = Object.entries(all).filter(
    ([key, value]) => key.endsWith('Module') && isClass(value),
  );
  if (modules.length === 1) return modules[0]![1];
  throw new CliError(
    `${file} exports no AppModule. Name the export: --app ${file}#Name. It has ${listed(all)}.`,
  );
}

async function made(exported: unknown): Promise<unknown> {
  if (typeof exported !== 'function') return exported;
  try {
    return await (exported as () => unknown)();
  } catch (error) {
    throw new CliError(`the function that makes the module fails: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

function isClass(value: unknown): value is Type {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

function isDynamicModule(value: unknown): value is DynamicModule {
  return typeof value === 'object' && value !== null && 'module' in value;
}

function listed(exports: Exports): string {
  const names = Object.keys(exports).filter(
    (name) => name !== 'default' && name !== 'module.exports',
  );
  return names.length > 0 ? names.join(', ') : 'no named exports';
}
