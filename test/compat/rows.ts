/** How a host is written, compiled and installed. */
export interface HostKind {
  readonly adapter: 'express' | 'fastify';
  /**
   * What the files are. `mixed` is ES modules with a folder of CommonJS, so that one app reaches the library by `import`
   * and by `require`.
   */
  readonly format: 'cjs' | 'esm' | 'mixed';
  /** How TypeScript looks packages up. */
  readonly resolution: 'node10' | 'nodenext' | 'bundler';
  readonly packages: Readonly<Record<string, string>>;
  /** The app of docs/adopting.md, which brings its own files and its own login. */
  readonly isAdopted?: true;
  /** Runs the host's own Jest spec in place of the app. */
  readonly isJest?: true;
}

/** One line of the report: a host, on a version of PostgreSQL; or folders of our own tests with something exchanged. */
export interface Row {
  readonly name: string;
  readonly host?: HostKind;
  /** Version of the package that has the server. Without it, the installed one. */
  readonly postgres?: string;
  /** Folders of our own tests. */
  readonly suites?: readonly string[];
  /** Those among them that need a newer server. */
  readonly except?: readonly string[];
  /** TypeORM for those tests. Without it, the installed one. */
  readonly typeorm?: string;
}

const nest11 = {
  '@nestjs/common': '^11.0.1',
  '@nestjs/core': '^11.0.1',
  '@nestjs/platform-express': '^11.0.1',
  '@nestjs/platform-fastify': '^11.0.1',
  '@nestjs/event-emitter': '^3.0.0',
  '@nestjs/passport': '^11.0.2',
  '@nestjs/swagger': '^11.0.0',
  '@nestjs/typeorm': '^11.0.0',
  'class-validator': '^0.14.0',
  typescript: '~5.7.3',
};

const nest12 = {
  '@nestjs/common': '^12.0.0',
  '@nestjs/core': '^12.0.0',
  '@nestjs/platform-express': '^12.0.0',
  '@nestjs/platform-fastify': '^12.0.0',
  '@nestjs/event-emitter': '^12.0.0',
  '@nestjs/passport': '^12.0.0',
  '@nestjs/swagger': '^12.0.0',
  '@nestjs/typeorm': '^12.0.0',
  'class-validator': '^0.15.0',
  typescript: '~6.0.3',
};

/** The lower end of every peer range. (The first Fastify adapter of Nest 11 that accepts Nest 11 is 11.0.3.) */
const oldest = {
  '@nestjs/common': '11.0.1',
  '@nestjs/core': '11.0.1',
  '@nestjs/platform-express': '11.0.1',
  '@nestjs/platform-fastify': '11.0.3',
  '@nestjs/event-emitter': '3.0.0',
  '@nestjs/passport': '11.0.2',
  '@nestjs/swagger': '11.0.0',
  '@nestjs/typeorm': '11.0.0',
  'class-validator': '0.14.0',
  'class-transformer': '0.5.1',
  'reflect-metadata': '0.1.14',
  passport: '0.7.0',
  pg: '8.11.0',
  rxjs: '7.8.0',
  typescript: '5.5.4',
};

const typeorm03 = { typeorm: '^0.3.26' };
const typeorm1 = { typeorm: '^1.0.0' };

const esmExpress: HostKind = {
  adapter: 'express',
  format: 'esm',
  resolution: 'bundler',
  packages: { ...nest12, ...typeorm1 },
};

export const rows: readonly Row[] = [
  {
    name: 'nest11-typeorm0.3-cjs-express',
    host: {
      adapter: 'express',
      format: 'cjs',
      resolution: 'node10',
      packages: { ...nest11, ...typeorm03 },
    },
  },
  {
    name: 'oldest-cjs-fastify',
    host: {
      adapter: 'fastify',
      format: 'cjs',
      resolution: 'nodenext',
      packages: { ...oldest, typeorm: '0.3.26' },
    },
  },
  {
    name: 'nest11-typeorm1-cjs-express',
    host: {
      adapter: 'express',
      format: 'cjs',
      resolution: 'nodenext',
      packages: { ...nest11, ...typeorm1 },
    },
  },
  {
    name: 'nest11-typeorm0.3-cjs-jest',
    host: {
      adapter: 'express',
      format: 'cjs',
      resolution: 'node10',
      isJest: true,
      packages: {
        ...nest11,
        ...typeorm03,
        '@nestjs/testing': '^11.0.1',
        '@types/jest': '^29.5.14',
        '@types/supertest': '^6.0.2',
        jest: '^29.7.0',
        supertest: '^7.0.0',
        'ts-jest': '^29.2.5',
      },
    },
  },
  {
    name: 'adopted-nest11-typeorm0.3-cjs',
    host: {
      adapter: 'express',
      format: 'cjs',
      resolution: 'node10',
      isAdopted: true,
      packages: {
        ...nest11,
        ...typeorm03,
        '@nestjs/jwt': '^11.0.0',
        '@types/passport-jwt': '^4.0.1',
        argon2: '^0.44.0',
        'passport-jwt': '^4.0.1',
      },
    },
  },
  { name: 'nest12-typeorm1-esm-express', host: esmExpress },
  {
    name: 'nest12-typeorm1-esm-fastify',
    host: { ...esmExpress, adapter: 'fastify', resolution: 'nodenext' },
  },
  {
    name: 'nest12-typeorm0.3-cjs-express',
    host: {
      adapter: 'express',
      format: 'cjs',
      resolution: 'nodenext',
      packages: { ...nest12, ...typeorm03 },
    },
  },
  {
    name: 'nest12-typeorm1-import-and-require',
    host: { ...esmExpress, format: 'mixed', resolution: 'nodenext' },
  },
  { name: 'postgres14', host: esmExpress, postgres: '14.23.0-beta.17' },
  { name: 'postgres15', host: esmExpress, postgres: '15.18.0-beta.17' },
  { name: 'postgres16', host: esmExpress, postgres: '16.14.0-beta.17' },
  { name: 'postgres17', host: esmExpress, postgres: '17.10.0-beta.17' },
  { name: 'postgres18', host: esmExpress, postgres: '18.4.0-beta.17' },
  {
    name: 'tests-on-postgres14',
    postgres: '14.23.0-beta.17',
    suites: ['test/linking', 'test/ownership', 'test/guests'],
    // NULLS NOT DISTINCT came with PostgreSQL 15.
    except: ['test/ownership/nulls-not-distinct', 'test/ownership/children'],
  },
  {
    name: 'tests-with-typeorm0.3.26',
    typeorm: '0.3.26',
    suites: [
      'test/linking',
      'test/ownership',
      'test/guests',
      'test/hosts',
      'test/two-apps',
      'test/contract/migrations',
    ],
  },
];
