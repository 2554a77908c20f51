import { Arena } from './run/arena.js';
import { FASTIFY, BARE } from './run/contender-plans.js';
import { guestsWithRows } from './cases/owners.js';
const arena = await Arena.open();
const orig = arena.statements.take.bind(arena.statements);
let on = false;
(arena.statements as any).take = (line: string) => {
  orig(line);
  if (on) console.log(line.replace(/^.*?LOG: +/, '').slice(0, 230));
};
const c = await arena.contender(process.argv[2] === 'limit' ? BARE : FASTIFY);
await c.account('a@bench.example');
const [warm, guest] = await guestsWithRows(c, 2, 10);
await c.post(c.dialect.signIn, warm!.cookie, {
  email: 'a@bench.example',
  password: 'a long pass phrase',
});
await arena.logStatements(true);
on = true;
await c.post(c.dialect.signIn, guest!.cookie, {
  email: 'a@bench.example',
  password: 'a long pass phrase',
});
await new Promise((r) => setTimeout(r, 1500));
on = false;
await arena.close();
