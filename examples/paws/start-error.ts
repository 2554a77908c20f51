/** The app can't start, for a reason that its message tells in full to whoever started it. */
export class StartError extends Error {}
