import { get, put } from './api.js';
import { byId, onSubmit } from './dom.js';

const FIELDS = ['displayName', 'city', 'bio'];

/** @param changed called after the profile was written. */
export function setUpProfile(changed) {
  onSubmit(byId('profile-form'), async (fields) => {
    const filled = FIELDS.map((name) => [name, fields[name].trim()]).filter(
      ([, text]) => text !== '',
    );
    await put('/profile', Object.fromEntries(filled));
    await changed();
    return 'Saved.';
  });
}

export const loadProfile = () => get('/profile');

export const EMPTY_PROFILE = { displayName: null, city: null, bio: null };

/** Leaves alone what somebody is typing. */
export function showProfile(profile) {
  const { elements } = byId('profile-form');
  for (const name of FIELDS) {
    const saved = profile[name] ?? '';
    if (elements[name].value === elements[name].defaultValue) elements[name].value = saved;
    elements[name].defaultValue = saved;
  }
}
