const numbers = new Intl.NumberFormat('en');
const shortDays = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  timeZone: 'UTC',
});

export const inWords = (number) => numbers.format(number);

/** "22 Nov" */
export const dayInWords = (day) => shortDays.format(new Date(`${day}T00:00:00Z`));

/** "1 guest", "2 guests". */
export function count(number, one, many = `${one}s`) {
  return `${inWords(number)} ${number === 1 ? one : many}`;
}

/** "12%", of something that may be nothing. */
export const share = (part, whole) => (whole === 0 ? null : `${Math.round((part / whole) * 100)}%`);

/** "3 days", for a length of time of which only the size matters. */
export function lengthInWords(ms) {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'less than a minute';
  if (minutes < 60) return count(minutes, 'minute');
  if (minutes < 48 * 60) return count(Math.floor(minutes / 60), 'hour');
  return count(Math.floor(minutes / 1_440), 'day');
}

export const sumOf = (things, numberOf) => things.reduce((sum, thing) => sum + numberOf(thing), 0);
