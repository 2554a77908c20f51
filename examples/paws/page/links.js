import { answerOf, client } from './auth.js';

export const NO_LINKS = { signIns: [], questions: [] };

const OPEN = ['awaiting-consent', 'kept', 'declined'];

/**
 * Guests that met an account, and what is still to be decided about them: `signIns` began in one browser and ended in another
 * and wait for the word of both; `questions` are for the account alone. Each has the preview of its merge, if that may be seen.
 */
export async function loadLinks(user) {
  const links = await answerOf(client.links.list());
  const open = links.filter(({ status }) => OPEN.includes(status));
  const seen = user.isAnonymous ? open : await Promise.all(open.map(withPreview));
  return {
    signIns: seen.filter(({ status, agreed }) => status === 'awaiting-consent' && agreed),
    // Who had nothing as a guest is asked nothing.
    questions: seen.filter(({ agreed, preview }) => !agreed && preview && !isEmpty(preview)),
  };
}

/** The account's only: a guest never gets one. A link that has gone since the list was made has none either. */
async function withPreview(link) {
  const details = await answerOf(client.links.get(link.id)).catch(() => link);
  return { preview: null, ...details };
}

const isEmpty = ({ tables }) => Object.keys(tables).length === 0;
