import { swcOptions } from './scripts/build/swc-options.mjs';

// The source is ESM and so is Nest 12; Jest on Node 20 cannot require() an ES module. So swc turns both into CommonJS here.
// `npm run build` does the same; the example runs the source as real ESM.
const swc = (syntax) => ['@swc/jest', { ...swcOptions(syntax), sourceMaps: 'inline' }];

// ES modules that tested code loads with a static import. Every segment of a nested path must be listed.
const esmPackages = [
  '@nestjs',
  'light-my-request',
  'cookie',
  'better-auth',
  '@better-auth',
  '@better-fetch',
  'better-call',
  'nanostores',
  'defu',
  'jose',
  'openid-client',
  'oauth4webapi',
  '@noble',
  // What the provider of the example brings along.
  'oidc-provider',
  'quick-lru',
  'nanoid',
  'got',
  'p-cancelable',
  'form-data-encoder',
  'lowercase-keys',
  'responselike',
  'normalize-url',
  'cacheable-request',
  'mimic-response',
  'cacheable-lookup',
  '@sindresorhus',
  '@szmarczak',
];

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  // What tests run as processes, compiled.
  modulePathIgnorePatterns: ['<rootDir>/test/.programs/', '<rootDir>/bench/.programs/'],
  testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.e2e-spec.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'json'],
  // './x.js' in TypeScript source means './x.ts'; only relative paths, so packages keep their '.js'
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': swc('typescript'),
    '^.+\\.m?js$': swc('ecmascript'),
  },
  transformIgnorePatterns: [`/node_modules/(?!(?:${esmPackages.join('|')})/)`],
  setupFiles: ['reflect-metadata'],
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  collectCoverageFrom: ['src/**/*.ts', '!src/**/*.spec.ts'],
  coverageProvider: 'v8',
  testTimeout: 20_000,
  // Tests wait for Postgres, Chromium and time-outs as much as they work: on two cores, three are an eighth faster than two.
  maxWorkers: 3,
  // Each suite loads everything anew, and Node gives the memory of the last one back late.
  workerIdleMemoryLimit: '1500MB',
};
