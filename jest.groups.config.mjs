import config from './jest.config.mjs';
import { writeGroups } from './test/support/groups.mjs';

writeGroups();

/**
 * For all tests at once: `npm test`. For one file or a folder while working on it, `npx jest <path>` takes the files themselves.
 *
 * @type {import('jest').Config}
 */
export default {
  ...config,
  testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/.groups/**/*.spec.ts'],
};
