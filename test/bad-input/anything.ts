import fc from 'fast-check';
import type { HttpAnswer } from '../support/http-client.js';
import { MeetingHashing } from '../support/meeting-hashing.js';
import type { TestApp, TestAppSettings } from '../support/test-app.js';
import { createFullApp } from './refused.js';

/** How often each property is tried. */
export const RUNS = Number(process.env.PROPERTY_RUNS ?? 60);
/** Printed by every suite, so that a run can be had again. */
export const seed = Number(process.env.PROPERTY_SEED ?? Date.now() % 2 ** 31);

export const check = <Values extends [unknown, ...unknown[]]>(
  property: fc.IAsyncProperty<Values>,
) => fc.assert(property, { numRuns: RUNS, seed });

/** The app that is asked anything, with a hash that costs nothing. */
export function createAnyApp(adapter: TestAppSettings['adapter']): Promise<TestApp> {
  console.info(`PROPERTY_SEED=${seed}`);
  return createFullApp({ adapter, options: { password: { hash: new MeetingHashing() } } });
}

/** Any text: of one kind of letters, of all of Unicode, and with what only UTF-16 can say. */
export const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('\ud800', '\0', '\r\n', '\u202e', '@', '.', '/', '\\', 'a') }),
);
/** What a header can carry at all. */
export const headerText = fc
  .string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)) })
  .filter((text) => !/[\x7f-\x9f]/.test(text));

/** What must hold of every answer, whatever was asked. */
export function expectNoTrouble({ status, body, text }: HttpAnswer): void {
  expect(status).toBeLessThan(500);
  expect(text).not.toMatch(/node_modules|\bat \w+ \(|SELECT|INSERT/);
  if (status >= 400) {
    expect(body).toMatchObject({ statusCode: status, message: expect.any(String) });
    expect(body.code).toMatch(/^[A-Z_]+$/);
  }
}

/** The time that a property has, in milliseconds. */
export const TIME = RUNS * 2_000;
