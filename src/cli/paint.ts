const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

/** Puts text in a colour, or leaves it as it is. */
export type Paint = (text: string, ...styles: readonly (keyof typeof CODES)[]) => string;

export function painter(isColoured: boolean): Paint {
  if (!isColoured) return (text) => text;
  return (text, ...styles) =>
    styles.reduce((inner, style) => {
      const [on, off] = CODES[style];
      return `\u001B[${on}m${inner}\u001B[${off}m`;
    }, text);
}
