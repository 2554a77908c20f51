import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { GuestGate, type GuestGateContext, type GuestGateDecision } from '../../src/index.js';
import { Barrier } from '../support/barrier.js';
import { refusal, rowCounts } from '../support/expectations.js';
import { newGuest } from '../support/people.js';
import { closeApps, startApp } from '../support/running-apps.js';
import type { TestApp } from '../support/test-app.js';
import { browserAt, inParallel, tally } from './clients.js';

const gate = {
  seen: [] as GuestGateContext[],
  decide: open as (context: GuestGateContext) => Promise<GuestGateDecision>,
};

function open(): Promise<GuestGateDecision> {
  return Promise.resolve({ outcome: 'allow' });
}

@Injectable()
class Gatekeeper extends GuestGate {
  override check(context: GuestGateContext): Promise<GuestGateDecision> {
    gate.seen.push(context);
    return gate.decide(context);
  }
}

const ROUTES = [
  ['/auth/anonymous', undefined],
  ['/notes', { text: 'x' }],
] as const;

describe.each(['express', 'fastify'] as const)('a guest gate on %s', (adapter) => {
  afterEach(closeApps);
  beforeEach(() => {
    gate.seen.length = 0;
    gate.decide = open;
  });
  const start = (throttle: object | false = false): Promise<TestApp> =>
    startApp({
      adapter,
      trustsProxy: true,
      extras: { guestGate: Gatekeeper },
      options: { throttle },
    });

  it('can say in a challenge what it takes to go on', async () => {
    const host = await start();
    const hint = { kind: 'turnstile', siteKey: '0x4AAA' };
    gate.decide = () => Promise.resolve({ outcome: 'challenge', hint });
    for (const [path, body] of ROUTES) {
      const answer = await host.browser().post(path, body);
      expect(answer).toMatchObject(refusal(403, 'CHALLENGE_REQUIRED'));
      expect(answer.body.hint).toEqual(hint);
    }
  });

  it('lets nobody in while it fails, and those in who are there', async () => {
    const host = await start();
    const { client, userId } = await newGuest(host);
    gate.decide = () => Promise.reject(new Error('the captcha is down'));
    const before = await rowCounts(host);
    for (const [path, body] of ROUTES) {
      const answer = await host.browser().post(path, body);
      expect(answer).toMatchObject(refusal(503, 'TEMPORARILY_UNAVAILABLE'));
      expect(answer.text).not.toContain('captcha');
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect(await rowCounts(host)).toEqual(before);
    expect(await client.post('/notes', { text: 'x' })).toMatchObject({ body: { userId } });
    expect((await client.post('/auth/anonymous')).status).toBe(200);
  });

  it('is waited for three seconds at the most', async () => {
    const host = await start();
    const { client } = await newGuest(host);
    const never = new Barrier();
    gate.decide = async () => {
      await never.pass();
      return { outcome: 'allow' };
    };
    const begun = performance.now();
    const waiting = inParallel(4, () => host.browser().post('/auth/anonymous'));
    await never.reached(4);
    expect((await client.post('/notes', { text: 'x' })).status).toBe(201);
    expect(tally(await waiting)).toEqual({ 503: 4 });
    expect(performance.now() - begun).toBeLessThan(6_000);
    never.open();
  });

  it('is asked once for requests with one key, and not for a guest that the key has', async () => {
    const host = await start();
    const headers = { 'idempotency-key': randomBytes(24).toString('base64url') };
    // The answer of a captcha is good for one look at it.
    gate.decide = () =>
      Promise.resolve(gate.seen.length === 1 ? { outcome: 'allow' } : { outcome: 'challenge' });
    const ask = () => host.browser().post('/auth/anonymous', undefined, { headers });
    const answers = [...(await inParallel(6, ask)), await ask()];
    expect(new Set(answers.map(({ body }) => body.user?.id)).size).toBe(1);
    expect(gate.seen).toHaveLength(1);
  });

  it('is not kept busy by a client past its limit', async () => {
    const host = await start({ guests: { limit: 3, within: '1h' } });
    const answers = await inParallel(20, () => host.browser().post('/auth/anonymous'));
    expect(tally(answers)).toEqual({ 201: 3, 429: 17 });
    expect(gate.seen).toHaveLength(3);
  });

  it('learns of a rush of guests from everywhere, and challenges until it is over', async () => {
    const host = await start({ rush: { limit: 20, within: '1m' } });
    gate.decide = ({ isRush }) =>
      Promise.resolve(isRush ? { outcome: 'challenge' } : { outcome: 'allow' });
    const answers = await inParallel(100, (n) =>
      browserAt(host, `198.51.100.${n}`).post('/auth/anonymous'),
    );
    expect(tally(answers)).toEqual({ 201: 20, 403: 80 });
    expect((await rowCounts(host)).users).toBe(20);
  });

  it('sees who asks', async () => {
    const host = await start();
    await browserAt(host, '198.51.100.7').post('/auth/anonymous', undefined, {
      headers: { 'user-agent': 'a browser', 'x-captcha': 'solved' },
    });
    const [{ client, request, isRush }] = gate.seen as [GuestGateContext];
    expect(client).toEqual({ ipAddress: '198.51.100.7', userAgent: 'a browser' });
    expect(request.headers['x-captcha']).toBe('solved');
    expect(isRush).toBe(false);
  });
});
