/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/** An element. Text is only ever set as text, so nothing that a person typed can become markup. */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Says how something went. */
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
    say(result, 'One moment …');
    await work().then(
      (text) => say(result, text),
      (error) => say(result, error.message, 'error'),
    );
    isBusy = false;
  };
  button.addEventListener('click', () => void act());
}
