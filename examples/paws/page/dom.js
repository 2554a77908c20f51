/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/** An element. Text is only ever set as text, so nothing that a person typed can become markup. */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** "1 dog", "2 dogs". */
export function count(number, one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`;
}

/** "a", "a and b", "a, b and c". */
export function list(words) {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** Says how something went, next to where it was asked for. */
export function say(target, text, kind = 'fine') {
  target.textContent = text;
  target.dataset.kind = kind;
}

/**
 * Does this at a click, one at a time, and says in `result` how it went. The button is not disabled meanwhile: a disabled
 * button loses the focus of the keyboard.
 */
export function onClick(button, result, work) {
  let isBusy = false;
  const act = async () => {
    if (isBusy) return;
    isBusy = true;
    await work().then(
      (text = '') => say(result, text),
      (error) => say(result, error.message, 'error'),
    );
    isBusy = false;
  };
  button.addEventListener('click', () => void act());
}

/**
 * Sends a form by script: one at a time, with the answer or the error in its result line, and the cursor where something
 * has to be changed.
 */
export function onSubmit(form, send) {
  const result = form.querySelector('.result');
  const button = form.querySelector('[type=submit]');
  const submit = async () => {
    mark(form, []);
    say(result, '');
    button.disabled = true;
    try {
      const text = await send(Object.fromEntries(new FormData(form)));
      if (text) say(result, text);
    } catch (error) {
      say(result, error.message, 'error');
      mark(form, error.fields ?? []);
    } finally {
      button.disabled = false;
    }
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!button.disabled) void submit();
  });
}

function mark(form, fields) {
  const wrong = [...form.elements].filter(({ name }) => name && fields.includes(name));
  for (const input of form.elements) input.removeAttribute('aria-invalid');
  for (const input of wrong) input.setAttribute('aria-invalid', 'true');
  wrong[0]?.focus();
}
