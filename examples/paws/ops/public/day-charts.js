import { columnChart } from './column-chart.js';
import { byId, element } from './dom.js';
import { count, dayInWords, inWords, sumOf } from './words.js';

const plain = (field) => (day) => [{ value: day[field], className: 'first' }];
const guests = (field) => (day) => count(day[field], 'guest');

/** One chart each, in the order in which people go through them. */
const CHARTS = [
  {
    title: 'Issued',
    about: 'Visitors who did something worth keeping.',
    parts: plain('issued'),
    words: guests('issued'),
  },
  {
    title: 'Active',
    about: 'Guests who were here: new ones and those who came back.',
    parts: plain('active'),
    words: guests('active'),
    unit: 'a day',
  },
  {
    title: 'Contributed',
    about: 'Guests last seen that day who own something, and are guests still.',
    parts: (day) => [
      { value: day.contributed, className: day.isContributedEstimated ? 'first guess' : 'first' },
    ],
    words: (day) =>
      day.isContributedEstimated
        ? `about ${guests('contributed')(day)}`
        : guests('contributed')(day),
    isGuess: (day) => day.isContributedEstimated,
  },
  {
    title: 'Upgraded or linked',
    about: 'Guests who have an account since.',
    parts: (day) => [
      { value: day.upgraded, className: 'first' },
      { value: day.linked, className: 'second' },
    ],
    words: (day) => `${inWords(day.upgraded)} upgraded, ${inWords(day.linked)} linked`,
    key: [
      ['first', 'the guest became the account'],
      ['second', 'merged into one that was there'],
    ],
  },
  {
    title: 'Reaped',
    about: 'Guests nobody had seen for long.',
    parts: plain('reaped'),
    words: guests('reaped'),
  },
];

export function showDays(days) {
  byId('day-charts').replaceChildren(...CHARTS.map((chart) => figureOf(chart, days)));
}

function figureOf({ title, about, parts, words, unit, isGuess, key }, days) {
  const columns = days.map((day) => ({ day: day.day, parts: parts(day), words: words(day) }));
  const totals = columns.map(({ parts: values }) => sumOf(values, ({ value }) => value));
  const sum = sumOf(totals, (value) => value);
  const shown = unit ? `${inWords(Math.round(sum / days.length))} ${unit}` : inWords(sum);
  const hasGuess = isGuess !== undefined && days.some(isGuess);
  return element(
    'figure',
    {},
    element(
      'figcaption',
      {},
      element(
        'h3',
        {},
        element('span', { textContent: title }),
        element('span', { className: 'sum', textContent: hasGuess ? `~ ${shown}` : shown }),
      ),
      element('p', {
        className: 'soft',
        textContent: hasGuess ? `${about} Pale: worked out from a hundred of them.` : about,
      }),
      key ? keyOf(key) : null,
    ),
    columnChart({ title, description: describe(columns, totals, shown), days: columns }),
  );
}

function keyOf(key) {
  const entries = key.map(([className, text]) =>
    element('span', {}, element('i', { className, ariaHidden: 'true' }), text),
  );
  return element('p', { className: 'key soft' }, ...entries);
}

function describe(columns, totals, shown) {
  const most = Math.max(...totals);
  if (most === 0) return 'Nothing in these days.';
  const { day, words } = columns[totals.indexOf(most)];
  return `${columns.length} days, ${shown} in all. The most on ${dayInWords(day)}: ${words}. The table below has every day.`;
}
