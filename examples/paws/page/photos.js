import { post } from './api.js';
import { byId, element, onSubmit, say } from './dom.js';
import { dataUrlOf } from './photo-file.js';

const SAMPLE = '/assets/dog.svg';

/** The photo that was chosen in a form, as an address; `undefined` if none was. @throws RequestError */
export function chosenPhoto({ photo }) {
  return photo?.size > 0 ? dataUrlOf(photo) : undefined;
}

export const addPhoto = (petId, url) => post('/photos', { petId, url });

/** A dog's photos. */
export function photosOf(pet, photos) {
  return element('ul', { className: 'photos' }, ...photos.map(({ url }) => photoOf(pet, url)));
}

function photoOf(pet, url) {
  const photo = element('img', {
    alt: `${pet.name}, a picture`,
    width: 72,
    height: 72,
    loading: 'lazy',
    referrerPolicy: 'no-referrer',
    src: url,
  });
  // An address can stop to lead to a picture at any time; the tile keeps its place.
  photo.addEventListener('error', () => {
    photo.replaceWith(element('span', { className: 'missing', textContent: 'Not found' }));
  });
  return element('li', {}, photo);
}

/** Folded up until somebody has another photo. @param changed called after one was added. */
export function photoForm(pet, changed) {
  const id = `picture-${pet.id}`;
  const described = { describedBy: `${id}-result` };
  const file = input({
    ...described,
    id: `${id}-file`,
    name: 'photo',
    type: 'file',
    accept: 'image/jpeg,image/png,image/webp',
  });
  const address = input({
    ...described,
    id,
    name: 'url',
    type: 'url',
    inputMode: 'url',
    maxLength: 2048,
    placeholder: 'https://',
    autocomplete: 'off',
  });
  const sample = element('button', {
    type: 'button',
    className: 'link',
    textContent: 'Use a sample',
  });
  sample.addEventListener('click', () => {
    address.value = SAMPLE;
    address.focus();
  });
  const form = element(
    'form',
    { noValidate: true },
    element('label', { htmlFor: file.id, textContent: 'A photo of yours' }),
    file,
    element('label', { htmlFor: id, textContent: 'Address of the picture' }),
    element(
      'div',
      { className: 'inline' },
      address,
      element('button', { type: 'submit', textContent: 'Add' }),
    ),
    sample,
    element('p', { className: 'result', id: `${id}-result`, role: 'status' }),
  );
  onSubmit(form, async (fields) => {
    await addPhoto(pet.id, (await chosenPhoto(fields)) ?? fields.url.trim());
    await changed();
    // The form is another one by now, and the cursor would be nowhere.
    byId(id)?.closest('details').querySelector('summary').focus();
    say(byId('dog-result'), `${pet.name} has another photo.`);
  });
  const summary = element(
    'summary',
    {},
    'Add a picture ',
    element('span', { className: 'hidden', textContent: `of ${pet.name}` }),
  );
  return element('details', {}, summary, form);
}

function input({ describedBy, ...properties }) {
  const made = element('input', properties);
  made.setAttribute('aria-describedby', describedBy);
  return made;
}
