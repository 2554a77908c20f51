export interface Surroundings {
  /** @default that of this process */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Who runs this; 0 is root. @default the user of this process */
  readonly uid?: number;
  /** @default `console.log` */
  readonly say?: (line: string) => void;
}

/** Finds the browser that the browser tests drive, and installs it where that is possible and needed. */
export function ensureChromium(
  surroundings?: Surroundings,
): Promise<{ readonly program?: string; readonly missing?: string }>;
