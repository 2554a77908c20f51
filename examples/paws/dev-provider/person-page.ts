/** Who somebody says they are. The provider believes everything. */
export interface DevPerson {
  readonly name: string;
  readonly email: string;
  readonly isVerified: boolean;
}

const LONGEST = 254;

/** Plain on purpose: nobody shall take it for a page of the app. */
const STYLE = `:root { color-scheme: light dark; --accent: light-dark(#1f5a94, #8fc1f2) }
body { box-sizing: border-box; max-width: 28rem; margin: 0 auto; padding: 10vh 1.25rem 2rem; font: 1rem/1.5 system-ui, sans-serif }
h1 { margin: 0; font-size: 1.6rem; line-height: 1.25 }
form { display: grid; gap: 1rem; margin-top: 1.5rem }
label { font-weight: 600 }
input:not([type=checkbox]) { display: block; box-sizing: border-box; width: 100%; margin-top: .25rem; padding: .6rem .75rem; font: inherit; font-weight: 400 }
.check { font-weight: 400 }
.check input { width: 1.1rem; height: 1.1rem; vertical-align: -.15rem; accent-color: var(--accent) }
.buttons { display: flex; flex-wrap: wrap; gap: .75rem }
button { min-height: 2.75rem; padding: .5rem 1.25rem; border: 1px solid var(--accent); border-radius: 6px; font: inherit; font-weight: 600; color: var(--accent); background: none; cursor: pointer }
button.first { color: Canvas; background: var(--accent) }`;

/** What the form of {@link personPage} sends; `undefined` when the person would rather go back. */
export function personIn(form: URLSearchParams): DevPerson | undefined {
  if (form.has('cancel')) return undefined;
  const text = (name: string) => (form.get(name) ?? '').trim().slice(0, LONGEST);
  return { name: text('name'), email: text('email'), isVerified: form.has('verified') };
}

/** @param hint an address that the app has guessed. */
export function personPage(action: string, hint: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Development sign-in</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<h1>Development sign-in</h1>
<p>This provider runs on your machine and believes what you type. The same address is the same person.</p>
<form method="post" action="${escapeHtml(action)}">
<label>Name <input name="name" autocomplete="name" maxlength="100" value="Ada"></label>
<label>E-mail address <input name="email" type="email" required autofocus autocomplete="email" maxlength="254" value="${escapeHtml(hint)}"></label>
<label class="check"><input name="verified" type="checkbox" checked> The address is verified</label>
<div class="buttons"><button class="first" type="submit">Sign in</button> <button type="submit" name="cancel" value="1" formnovalidate>Cancel</button></div>
</form>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
