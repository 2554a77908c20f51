import { ask } from './ask.js';
import { showClaims } from './claim-chart.js';
import { showDays } from './day-charts.js';
import { showTable } from './day-table.js';
import { byId, say } from './dom.js';
import { setUpReaper } from './reaper.js';
import { showLinks } from './links.js';
import { showTotals } from './totals.js';

let latest = 0;

/** Shows a period. An answer that a later one has overtaken is not shown. */
async function showPeriod() {
  latest += 1;
  const turn = latest;
  const { value } = document.querySelector('[name=days]:checked');
  const figures = await ask('GET', `/ops/data/figures?days=${value}`);
  if (turn !== latest) return;
  showTotals(figures);
  showDays(figures.days);
  showTable(figures.days);
  showClaims(figures.timeToClaim);
}

const tell = (result) => (error) => say(byId(result), error.message, 'error');
const clear = (result) => () => say(byId(result), '');

function refreshFigures() {
  return showPeriod().then(clear('figures-result'), tell('figures-result'));
}

setUpReaper();
byId('period').addEventListener('change', () => void refreshFigures());
await Promise.all([refreshFigures(), showLinks().catch(tell('links-result'))]);
