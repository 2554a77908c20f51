import { setUpAddress } from './address.js';
import { loadBasket, setUpBasket, showBasket } from './basket.js';
import { loadDogs, NO_DOGS, setUpDogs, showDogs } from './dogs.js';
import { loadMarks, NO_MARKS, setUpMarks, showMarks } from './marks.js';
import { setUpMail } from './mail.js';
import { loadSignIns, setUpOtherDevice, showSignIns } from './other-device.js';
import { loadUser, setUpPeople, showPerson } from './people.js';
import { showPlaces } from './places.js';
import { arriveFromProvider, setUpProviders } from './providers.js';
import { EMPTY_PROFILE, loadProfile, setUpProfile, showProfile } from './profile.js';

/** Nobody owns nothing, so nothing is asked for them. */
const NOTHING = {
  dogs: NO_DOGS,
  items: [],
  marks: NO_MARKS,
  profile: EMPTY_PROFILE,
  signIns: [],
};

let here;
let latest = 0;

/** Shows who is here and what they own. An answer that a later one has overtaken is not shown. */
async function refresh() {
  latest += 1;
  const turn = latest;
  const user = await loadUser();
  const owned = user ? await loadOwned() : NOTHING;
  await places;
  if (turn !== latest) return;
  if (user?.id !== here) forgetWhoWasHere();
  here = user?.id;
  showDogs(owned.dogs, refresh);
  showMarks(owned.marks);
  showBasket(owned.items);
  showProfile(owned.profile);
  showPerson(user, owned);
  showSignIns(user, owned.signIns, refresh);
}

async function loadOwned() {
  const [dogs, items, marks, profile, signIns] = await Promise.all([
    loadDogs(),
    loadBasket(),
    loadMarks(),
    loadProfile(),
    loadSignIns(),
  ]);
  return { dogs, items, marks, profile, signIns };
}

/** What was said to somebody else is no news for the one who is here, and what they typed is none of their business. */
function forgetWhoWasHere() {
  for (const result of document.querySelectorAll('.result')) result.textContent = '';
  if (here) document.getElementById('profile-form').reset();
}

/** Another tab may have signed in or out. */
async function refreshIfSomebodyElse() {
  if (document.visibilityState !== 'visible') return;
  const user = await loadUser().catch(() => ({ id: here }));
  if (user?.id !== here) await refresh();
}

setUpMarks();
setUpDogs(refresh);
setUpBasket(refresh);
setUpProfile(refresh);
setUpPeople(refresh);
setUpMail(refresh);
setUpAddress();
void setUpProviders();
setUpOtherDevice(refresh);
document.addEventListener('visibilitychange', () => void refreshIfSomebodyElse());
const places = showPlaces(refresh);
await Promise.allSettled([places, refresh()]);
await arriveFromProvider(refresh);
