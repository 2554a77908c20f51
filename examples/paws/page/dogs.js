import { get, post } from './api.js';
import { byId, element, onSubmit } from './dom.js';
import { RequestError } from './errors.js';
import { addPhoto, chosenPhoto, photoForm, photosOf } from './photos.js';

/** @param changed called after something was added. */
export function setUpDogs(changed) {
  const form = byId('dog-form');
  onSubmit(form, async (fields) => {
    const { name, breed } = fields;
    // The server would say the same, but to a guest who was made for nothing.
    if (name.trim() === '') {
      throw new RequestError('The name must have 1 to 60 characters.', { fields: ['name'] });
    }
    // First, so that a file that is no photo leaves no dog without one.
    const photo = await chosenPhoto(fields);
    const dog = await post('/pets', breed.trim() === '' ? { name } : { name, breed });
    const lost = photo && (await addPhoto(dog.id, photo).then(() => undefined, wordsOf));
    form.reset();
    form.elements.name.focus();
    await changed();
    return `${dog.name} is on your list${lost ? `, but without the photo. ${lost}` : '.'}`;
  });
}

const wordsOf = ({ message }) => message;

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
  const shown = photos.length > 0 ? photosOf(pet, photos) : null;
  return element('li', {}, title, shown, photoForm(pet, changed));
}
