import { createHash } from 'node:crypto';
import { escapeHtml } from '../mail/mail-text.js';

const STYLE = `body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1.5rem;color-scheme:light dark}
h1{font-size:1.5rem}
button,input{font:inherit;padding:.7rem 1.4rem;border-radius:.4rem;border:1px solid;cursor:pointer}`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** A page that says what a link is about, with a form that does it. Nothing in it is HTML but what is made here. */
export interface LinkPage {
  readonly title: string;
  /** What went wrong the last time. */
  readonly note?: string;
  /** Before and after what is told apart from the rest, such as an address. */
  readonly question: readonly [before: string, emphasised: string, after: string];
  /** Where the form goes, from the page's own path on. */
  readonly action: string;
  readonly token: string;
  /** What the person types. */
  readonly field?: PasswordField;
  readonly button: string;
}

export interface PasswordField {
  readonly name: string;
  readonly label: string;
  readonly autocomplete: 'current-password' | 'new-password';
  /** Whether the form goes without it. */
  readonly optional?: boolean;
}

/** The page behind a link in a mail. A person presses the button; whoever only looks at the page uses nothing up. */
export function linkPage(link: LinkPage): string {
  const { title, note, action, token, field, button } = link;
  const [before, emphasised, after] = link.question.map(escapeHtml);
  return page(
    title,
    `${note ? `<p role="alert">${escapeHtml(note)}</p>\n` : ''}<p>${before}<strong>${emphasised}</strong>${after}</p>
<form method="post" action="${escapeHtml(action)}">
<input type="hidden" name="token" value="${escapeHtml(token)}">${field ? `\n${input(field)}` : ''}
<button type="submit">${escapeHtml(button)}</button>
</form>`,
  );
}

/** What somebody sees who has done what the link was for, or whose link does not work. */
export function messagePage(title: string, message: string): string {
  return page(title, `<p>${escapeHtml(message)}</p>\n<p><a href="/">Go on to the app</a></p>`);
}

/**
 * Headers of these pages: no script, nothing from elsewhere, in no frame, and the address with the token in it is told to
 * nobody.
 * @param origins where the app's own pages are. Browsers hold a form's redirects to this too.
 */
export function pageHeaders(origins: Iterable<string>): Readonly<Record<string, string>> {
  return {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': [
      "default-src 'none'",
      `style-src 'sha256-${STYLE_HASH}'`,
      `form-action 'self' ${[...origins].join(' ')}`,
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  };
}

function input({ name, label, autocomplete, optional }: PasswordField): string {
  return `<p><label>${escapeHtml(label)}<br>
<input type="password" name="${name}" autocomplete="${autocomplete}"${optional ? '' : ' required'}></label></p>`;
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${body}
</main>
</body>
</html>
`;
}
