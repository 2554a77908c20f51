import { createHash } from 'node:crypto';
import { escapeHtml } from '../mail/mail-text.js';

const STYLE = `body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1.5rem;color-scheme:light dark}
button{font:inherit;padding:.7rem 1.4rem;border-radius:.4rem;border:1px solid;cursor:pointer}`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** The page behind the link in the mail. A person presses the button; whoever only looks at the page uses nothing up. */
export function openPage(email: string, token: string): string {
  return page(
    'Sign in',
    `<p>Sign in as <strong>${escapeHtml(email)}</strong>?</p>
<form method="post" action="verify">
<input type="hidden" name="token" value="${escapeHtml(token)}">
<button type="submit">Sign in</button>
</form>`,
  );
}

/** What somebody sees whose link does not work. */
export function errorPage(message: string): string {
  return page('Sign in', `<p>${escapeHtml(message)}</p>\n<p><a href="/">Go on to the app</a></p>`);
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

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;
}
