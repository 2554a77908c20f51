const WORDS = {
  FAILED_LINK_NOT_FOUND: 'This merge is under way again, or done already.',
  OPERATORS_ONLY: 'You are not signed in as an operator any more.',
  TEMPORARILY_UNAVAILABLE: 'The database does not answer. Try again in a moment.',
  UNAUTHORIZED: 'You are signed out. Sign in on the front page, and come back.',
  UPGRADE_REQUIRED: 'You are signed out. Sign in on the front page, and come back.',
};

/** @throws Error with a sentence for a person. */
export async function ask(method, path) {
  const answer = await fetch(path, { method, headers: { accept: 'application/json' } }).catch(
    () => {
      throw new Error('The server does not answer. Are you online?');
    },
  );
  const content = await answer.json().catch(() => ({}));
  if (answer.ok) return content;
  const { code = answer.status } = content;
  throw new Error(WORDS[code] ?? `That did not work (${code}). Try again.`);
}
