import { draw, roundedUp } from './svg.js';
import { dayInWords, inWords } from './words.js';

const HEIGHT = 152;
const TOP = 14;
const FOOT = 20;
/** Room for the numbers of the axis, for each of their signs. */
const SIGN = 7;

/**
 * Columns by day, drawn to the width that there is, and again when it changes.
 * @param days `{ day, parts: [{ value, className }], words }`: one column each, its parts from the ground up.
 */
export function columnChart({ title, description, days }) {
  const plot = document.createElement('div');
  plot.className = 'plot';
  const paint = () => {
    const width = Math.max(plot.clientWidth, 200);
    plot.replaceChildren(drawing({ title, description, days }, width));
  };
  new ResizeObserver(paint).observe(plot);
  return plot;
}

function drawing({ title, description, days }, width) {
  const most = roundedUp(Math.max(...days.map(totalOf)));
  const left = inWords(most).length * SIGN + 8;
  const ground = HEIGHT - FOOT;
  const up = (value) => ground - (value / most) * (ground - TOP);
  const step = (width - left) / days.length;
  const titleId = `title-${title.replaceAll(/\W+/g, '-').toLowerCase()}`;
  return draw(
    'svg',
    {
      role: 'img',
      viewBox: `0 0 ${width} ${HEIGHT}`,
      'aria-labelledby': `${titleId} ${titleId}-about`,
    },
    draw('title', { id: titleId }, title),
    draw('desc', { id: `${titleId}-about` }, description),
    ...[most, most / 2, 0]
      .filter(Number.isInteger)
      .flatMap((value) => scaleOf(value, up(value), left, width)),
    ...days.map((day, n) => columnOf(day, left + n * step, step, up)),
    ...labelsOf(days, left, step),
  );
}

const totalOf = ({ parts }) => parts.reduce((sum, { value }) => sum + value, 0);

function scaleOf(value, y, left, width) {
  return [
    draw('line', {
      class: value === 0 ? 'ground' : 'grid',
      x1: left,
      x2: width,
      y1: Math.round(y) + 0.5,
      y2: Math.round(y) + 0.5,
    }),
    draw('text', { x: left - 6, y: y + 4, 'text-anchor': 'end' }, inWords(value)),
  ];
}

function columnOf({ day, parts, words }, x, step, up) {
  const gap = step > 6 ? Math.min(step * 0.25, 6) : 0.5;
  let below = 0;
  const rects = parts.map(({ value, className }) => {
    const y = up(below + value);
    const height = up(below) - y;
    below += value;
    // What is there at all can be seen.
    const seen = value > 0 ? Math.max(height, 1.5) : 0;
    return draw('rect', {
      class: className,
      x: (x + gap / 2).toFixed(2),
      y: (y + height - seen).toFixed(2),
      width: (step - gap).toFixed(2),
      height: seen.toFixed(2),
    });
  });
  // The whole height answers the pointer, or a small number could not be read.
  const target = draw('rect', {
    x,
    y: TOP,
    width: step,
    height: HEIGHT - FOOT - TOP,
    fill: 'transparent',
  });
  return draw('g', {}, draw('title', {}, `${dayInWords(day)}: ${words}`), ...rects, target);
}

/** The first day, the last, and the one between: more would not fit on a phone. */
function labelsOf(days, left, step) {
  const last = days.length - 1;
  const places = [
    [0, 'start', 0],
    [Math.floor(last / 2), 'middle', step / 2],
    [last, 'end', step],
  ];
  return places.map(([n, anchor, offset]) =>
    draw(
      'text',
      { x: left + n * step + offset, y: HEIGHT - 4, 'text-anchor': anchor },
      n === last ? 'today' : dayInWords(days[n].day),
    ),
  );
}
