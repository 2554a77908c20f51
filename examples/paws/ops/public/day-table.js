import { byId, element } from './dom.js';
import { dayInWords, inWords } from './words.js';

const COLUMNS = [
  ['Issued', (day) => inWords(day.issued)],
  ['Active', (day) => inWords(day.active)],
  [
    'Contributed',
    (day) =>
      day.isContributedEstimated ? `~ ${inWords(day.contributed)}` : inWords(day.contributed),
  ],
  ['Upgraded', (day) => inWords(day.upgraded)],
  ['Linked', (day) => inWords(day.linked)],
  ['Reaped', (day) => inWords(day.reaped)],
];

/** The charts for who does not see them, or wants to copy them. The latest day first. */
export function showTable(days) {
  const head = ['Day', ...COLUMNS.map(([name]) => name)].map((name) =>
    element('th', { scope: 'col', textContent: name }),
  );
  const rows = days
    .toReversed()
    .map((day) =>
      element(
        'tr',
        {},
        element('th', { scope: 'row', textContent: dayInWords(day.day) }),
        ...COLUMNS.map(([, text]) => element('td', { textContent: text(day) })),
      ),
    );
  byId('day-table').replaceChildren(
    element(
      'table',
      {},
      element('caption', { className: 'hidden', textContent: 'Guests by day' }),
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...rows),
    ),
  );
}
