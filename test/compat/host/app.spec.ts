import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { createGuest, expectNoOrphans } from 'nestjs-anonymous/testing';
import request from 'supertest';
import { AppModule } from './app.module.js';

/** As the starter of Nest 11 tests an app. */
describe('AppModule', () => {
  let app: INestApplication;

  beforeAll(async () => {
    const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
    app = module.createNestApplication();
    await app.init();
  });
  afterAll(() => app.close());

  it('makes a guest an account', async () => {
    const guest = await createGuest(app);
    const server = app.getHttpServer();
    await request(server).post('/things/checkout').set(guest.headers).expect(403);
    const account = await request(server)
      .post('/auth/anonymous/upgrade')
      .set(guest.headers)
      .send({ email: 'ada@example.com', password: 'correct horse battery' })
      .expect(200);
    expect(account.body.user).toMatchObject({ id: guest.userId, isAnonymous: false });
    await expectNoOrphans(app);
  });
});
