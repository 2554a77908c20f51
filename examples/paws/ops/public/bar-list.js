import { element } from './dom.js';
import { draw } from './svg.js';
import { inWords } from './words.js';

/** Words, a bar and a number for each line. The words and the number say it all, so the bar is not read out. */
export function barList(lines) {
  const most = Math.max(1, ...lines.map(({ value }) => value));
  const items = lines.map(({ words, value }) =>
    element(
      'li',
      {},
      element('span', { textContent: words }),
      barOf(value / most),
      element('strong', { textContent: inWords(value) }),
    ),
  );
  return element('ul', { className: 'bar-list' }, ...items);
}

function barOf(part) {
  const size = { y: 0, height: 10, rx: 1 };
  return draw(
    'svg',
    { viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    draw('rect', { class: 'track', width: 100, ...size }),
    draw('rect', { width: part === 0 ? 0 : Math.max(part * 100, 0.8), ...size }),
  );
}
