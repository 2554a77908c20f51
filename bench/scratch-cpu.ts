import fs from 'node:fs';
import { Arena } from './run/arena.js';
import { BARE, BETTER_AUTH_NEST, EXPRESS, FASTIFY, varied } from './run/contender-plans.js';
import { request } from './run/dialect.js';
const N = Number(process.env.N ?? 2000);
const arena = await Arena.open();
const pgPid = (arena as unknown as { server: { pid: number } }).server.pid;
const TICK = 10_000; // µs
function pgCpu(): number {
  let sum = 0;
  for (const pid of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
      const f = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(f[1]) === pgPid || Number(pid) === pgPid)
        sum += (Number(f[11]) + Number(f[12])) * TICK;
    } catch {}
  }
  return sum;
}
const cases = (process.env.CASES ?? 'issue,check,cached').split(',');
const names = (process.env.PLANS ?? 'limit,fastify,express').split(',');
const all = [BARE, FASTIFY, EXPRESS, BETTER_AUTH_NEST];
try {
  for (const name of cases) {
    for (const base of all.filter((p) => names.includes(p.name))) {
      if (name === 'cached' && base === BARE) continue;
      const plan = name === 'cached' ? varied(base, 'cached') : base;
      const c = await arena.contender(plan);
      let requests: string[];
      if (name === 'issue') requests = [request('POST', c.dialect.issue.path, undefined, {})];
      else {
        requests = [];
        for (let i = 0; i < 50; i += 1)
          requests.push(request('GET', '/me', (await c.guest()).cookie));
      }
      const list = Array.from({ length: N }, (_, i) => requests[i % requests.length]!);
      const go = () =>
        arena.load.run({
          port: c.port,
          connections: 8,
          requests: list,
          status: name === 'issue' ? c.dialect.issue.status : 200,
        });
      await go();
      await go();
      const a = await c.ask<NodeJS.CpuUsage>('cpu');
      const pa = pgCpu();
      await go();
      await go();
      const b = await c.ask<NodeJS.CpuUsage>('cpu');
      const pb = pgCpu();
      const app = (b.user + b.system - a.user - a.system) / N / 2;
      const pg = (pb - pa) / N / 2;
      console.info(
        name.padEnd(7),
        plan.name.padEnd(18),
        'app',
        app.toFixed(0).padStart(5),
        'pg',
        pg.toFixed(0).padStart(5),
        'sum',
        (app + pg).toFixed(0).padStart(5),
        'µs',
      );
    }
  }
} finally {
  await arena.close();
}
