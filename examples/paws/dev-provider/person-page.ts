/** Who somebody says they are. The provider believes everything. */
export interface DevPerson {
  readonly name: string;
  readonly email: string;
  readonly isVerified: boolean;
}

const LONGEST = 254;

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
</head>
<body>
<h1>Development sign-in</h1>
<p>This provider runs on your machine and believes what you type. The same address is the same person.</p>
<form method="post" action="${escapeHtml(action)}">
<p><label>Name<br><input name="name" autocomplete="name" maxlength="100" value="Ada"></label></p>
<p><label>E-mail address<br><input name="email" type="email" required autocomplete="email" maxlength="254" value="${escapeHtml(hint)}"></label></p>
<p><label><input name="verified" type="checkbox" checked> The address is verified</label></p>
<p><button type="submit">Sign in</button> <button type="submit" name="cancel" value="1" formnovalidate>Cancel</button></p>
</form>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
