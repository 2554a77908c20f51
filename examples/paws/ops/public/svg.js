const SVG = 'http://www.w3.org/2000/svg';

/** An element of a drawing. */
export function draw(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** The next round number: 1, 2 or 5, with noughts. An axis up to there has a middle to read, too. */
export function roundedUp(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  const step = [1, 2, 5, 10].find((one) => one * power >= value);
  return step * power;
}
