import { createTestApp, type TestApp } from '../support/test-app.js';

const ada = { email: 'ada@example.com', password: 'correct horse battery' };

describe.each(['express', 'fastify'] as const)('the main job on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ adapter });
  });
  afterAll(() => host.close());

  it('keeps the id and the rows when a guest signs up, and merges a second guest that signs in', async () => {
    const first = host.browser();
    const note = await first.post('/notes', { text: 'first' });
    expect(note).toMatchObject({ status: 201, body: { text: 'first' } });
    const guest = await first.get('/auth/get-session');
    expect(guest.body.user).toMatchObject({ id: note.body.userId, isAnonymous: true, email: null });

    const account = await first.post('/auth/sign-up/email', { ...ada, name: 'Ada' });
    expect(account).toMatchObject({
      status: 200,
      body: { user: { id: note.body.userId, isAnonymous: false, email: ada.email } },
    });

    const second = host.browser();
    const other = await second.post('/notes', { text: 'second' });
    expect(other.body.userId).not.toBe(note.body.userId);
    const signedIn = await second.post('/auth/sign-in/email', ada);
    expect(signedIn).toMatchObject({
      status: 200,
      body: {
        user: { id: note.body.userId },
        link: { status: 'merged', receipt: { tables: { note: { moved: 1 } } } },
      },
    });
    const notes = await second.get('/notes');
    expect(notes.body.map((n: { text: string }) => n.text)).toEqual(['first', 'second']);
    expect(await host.sql('SELECT 1 FROM users WHERE id = $1', [other.body.userId])).toEqual([]);
  });
});
