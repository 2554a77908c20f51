import { get, post } from './api.js';
import { byId, element, onSubmit } from './dom.js';

const SAMPLE = '/assets/dog.svg';

/** @param changed called after something was added. */
export function setUpDogs(changed) {
  const form = byId('dog-form');
  onSubmit(form, async ({ name, breed }) => {
    const dog = await post('/pets', breed.trim() === '' ? { name } : { name, breed });
    form.reset();
    form.elements.name.focus();
    await changed();
    return `${dog.name} is on your list.`;
  });
}

export const NO_DOGS = { pets: [], photos: [] };

export async function loadDogs() {
  const [pets, photos] = await Promise.all([get('/pets'), get('/photos')]);
  return { pets, photos };
}

export function showDogs({ pets, photos }, changed) {
  const dogs = pets.map((pet) => {
    const own = photos.filter(({ petId }) => petId === pet.id);
    return dogOf(pet, own, changed);
  });
  byId('dog-list').replaceChildren(...dogs);
}

function dogOf(pet, photos, changed) {
  const title = element(
    'p',
    { className: 'dog-name' },
    element('strong', { textContent: pet.name, dir: 'auto' }),
  );
  if (pet.breed)
    title.append(element('span', { className: 'soft', textContent: pet.breed, dir: 'auto' }));
  const pictures = element(
    'ul',
    { className: 'photos' },
    ...photos.map(({ url }) => pictureOf(pet, url)),
  );
  return element('li', {}, title, photos.length > 0 ? pictures : null, pictureForm(pet, changed));
}

function pictureOf(pet, url) {
  const picture = element('img', {
    alt: `${pet.name}, a picture`,
    width: 72,
    height: 72,
    loading: 'lazy',
    referrerPolicy: 'no-referrer',
    src: url,
  });
  // An address can stop to lead to a picture at any time; the tile keeps its place.
  picture.addEventListener('error', () => {
    picture.replaceWith(element('span', { className: 'missing', textContent: 'Not found' }));
  });
  return element('li', {}, picture);
}

function pictureForm(pet, changed) {
  const id = `picture-${pet.id}`;
  const input = element('input', {
    id,
    name: 'url',
    type: 'url',
    inputMode: 'url',
    required: true,
    maxLength: 2048,
    placeholder: 'https://',
    autocomplete: 'off',
  });
  input.setAttribute('aria-describedby', `${id}-result`);
  const sample = element('button', {
    type: 'button',
    className: 'link',
    textContent: 'Use a sample',
  });
  sample.addEventListener('click', () => {
    input.value = SAMPLE;
    input.focus();
  });
  const form = element(
    'form',
    { noValidate: true },
    element('label', { htmlFor: id, textContent: 'Address of the picture' }),
    element(
      'div',
      { className: 'inline' },
      input,
      element('button', { type: 'submit', textContent: 'Add' }),
    ),
    sample,
    element('p', { className: 'result', id: `${id}-result`, role: 'status' }),
  );
  onSubmit(form, async ({ url }) => {
    await post('/photos', { petId: pet.id, url: url.trim() });
    await changed();
  });
  const summary = element(
    'summary',
    {},
    'Add a picture ',
    element('span', { className: 'hidden', textContent: `of ${pet.name}` }),
  );
  return element('details', {}, summary, form);
}
