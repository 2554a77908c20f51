// What the programs import of this library. The bench builds them so that this file hands out the built package instead.
export * from '../../src/index.js';
