import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
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
    const browser = request.agent(app.getHttpServer());
    const guest = await browser.post('/auth/anonymous').expect(201);
    const bearer = { authorization: `Bearer ${guest.body.token}` };
    await browser.post('/things/checkout').set(bearer).expect(403);
    const account = await browser
      .post('/auth/anonymous/upgrade')
      .set(bearer)
      .send({ email: 'ada@example.com', password: 'correct horse battery' })
      .expect(200);
    expect(account.body.user).toMatchObject({ id: guest.body.user.id, isAnonymous: false });
  });
});
