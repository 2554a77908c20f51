import type { TestApp } from '../support/test-app.js';
import { closePaws, startPaws } from './paws-app.js';
import { addDog, addPhoto, signIn, signUp } from './visitors.js';

const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const jpeg = Buffer.from('ffd8ffe000104a4649460001', 'hex');
const webp = Buffer.from('RIFF\u0024\0\0\0WEBPVP8 ', 'latin1');

const urlOf = (kind: string, content: Buffer) =>
  `data:image/${kind};base64,${content.toString('base64')}`;

describe.each(['express', 'fastify'] as const)('the photos of the example on %s', (adapter) => {
  let host: TestApp;
  beforeEach(async () => {
    host = await startPaws({ adapter });
  });
  afterEach(closePaws);

  it.each([
    ['png', png],
    ['jpeg', jpeg],
    ['webp', webp],
    ['jpeg', Buffer.concat([jpeg, Buffer.alloc(40_000)])],
  ] as const)('may be a small %s in the address itself', async (kind, content) => {
    const client = host.browser();
    const url = urlOf(kind, content);
    const petId = await addDog(client, 'Rex');
    await addPhoto(client, petId, url);
    expect((await client.get('/photos')).body).toMatchObject([{ petId, url }]);
  });

  it('come along when the guest signs in', async () => {
    const url = urlOf('jpeg', Buffer.concat([jpeg, Buffer.alloc(40_000, 7)]));
    await signUp(host.browser());
    const client = host.browser();
    await addPhoto(client, await addDog(client, 'Rex'), url);
    expect((await signIn(client)).body.link).toMatchObject({
      status: 'merged',
      receipt: { tables: { pet: { moved: 1 }, photo: { moved: 1 } } },
    });
    expect((await client.get('/photos')).body).toMatchObject([{ url }]);
  });
});
