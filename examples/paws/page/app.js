import { setUpAddress } from './address.js';
import { arriveFromElsewhere } from './arrivals.js';
import { loadUser } from './auth.js';
import { loadBasket, setUpBasket, showBasket } from './basket.js';
import { setUpConsent, showQuestions } from './consent.js';
import { loadDogs, NO_DOGS, setUpDogs, showDogs } from './dogs.js';
import { loadLinks, NO_LINKS } from './links.js';
import { setUpMail } from './mail.js';
import { loadMarks, NO_MARKS, setUpMarks, showMarks } from './marks.js';
import { setUpOtherDevice, showSignIns } from './other-device.js';
import { setUpPeople, showPerson } from './people.js';
import { showPlaces } from './places.js';
import { EMPTY_PROFILE, loadProfile, setUpProfile, showProfile } from './profile.js';
import { setUpProviders } from './providers.js';

/** Nobody owns nothing, so nothing is asked for them. */
const NOTHING = {
  dogs: NO_DOGS,
  items: [],
  marks: NO_MARKS,
  profile: EMPTY_PROFILE,
  links: NO_LINKS,
};

let here;
let latest = 0;

/** Shows who is here and what they own. An answer that a later one has overtaken is not shown. */
async function refresh() {
  latest += 1;
  const turn = latest;
  const user = await loadUser();
  const owned = user ? await loadOwned(user) : NOTHING;
  await places;
  if (turn === latest) show(user, owned);
}

function show(user, owned) {
  if (user?.id !== here) forgetWhoWasHere();
  here = user?.id;
  showDogs(owned.dogs, refresh);
  showMarks(owned.marks);
  showBasket(owned.items);
  showProfile(owned.profile);
  showPerson(user, owned);
  showSignIns(user, owned.links.signIns, refresh);
  showQuestions(owned.links.questions);
}

async function loadOwned(user) {
  const [dogs, items, marks, profile, links] = await Promise.all([
    loadDogs(),
    loadBasket(),
    loadMarks(),
    loadProfile(),
    loadLinks(user),
  ]);
  return { dogs, items, marks, profile, links };
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

/** A page that the browser keeps for the Back button keeps nothing of whoever left it: they may have signed out since. */
function empty({ persisted }) {
  if (!persisted) return;
  latest += 1;
  show(null, NOTHING);
}

// What the browser has put back into the fields may be that of somebody else.
for (const form of document.forms) form.reset();
setUpMarks();
setUpDogs(refresh);
setUpBasket(refresh);
setUpProfile(refresh);
setUpPeople(refresh);
setUpMail(refresh);
setUpAddress();
void setUpProviders();
setUpOtherDevice(refresh);
setUpConsent(refresh);
document.addEventListener('visibilitychange', () => void refreshIfSomebodyElse());
window.addEventListener('pagehide', empty);
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) void refresh();
});
const places = showPlaces(refresh);
await Promise.allSettled([places, refresh()]);
for (const part of document.querySelectorAll('[data-waits]')) delete part.dataset.waits;
await arriveFromElsewhere(refresh);
