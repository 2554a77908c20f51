import { loadBasket, setUpBasket, showBasket } from './basket.js';
import { loadDogs, setUpDogs, showDogs } from './dogs.js';
import { loadUser, setUpPeople, showPerson } from './people.js';
import { showPlaces } from './places.js';

let here;

/** Shows who is here and what they own. Nobody owns nothing, so nothing is asked for them. */
async function refresh() {
  const user = await loadUser();
  const [dogs, items] = user
    ? await Promise.all([loadDogs(), loadBasket()])
    : [{ pets: [], photos: [] }, []];
  if (user?.id !== here) forgetResults();
  here = user?.id;
  showDogs(dogs, refresh);
  showBasket(items);
  showPerson(user, dogs, items);
}

/** What was said to somebody else is no news for the one who is here. */
function forgetResults() {
  for (const result of document.querySelectorAll('.result')) result.textContent = '';
}

/** Another tab may have signed in or out. */
async function refreshIfSomebodyElse() {
  if (document.visibilityState !== 'visible') return;
  const user = await loadUser().catch(() => ({ id: here }));
  if (user?.id !== here) await refresh();
}

setUpDogs(refresh);
setUpBasket(refresh);
setUpPeople(refresh);
document.addEventListener('visibilitychange', () => void refreshIfSomebodyElse());
await Promise.allSettled([showPlaces(), refresh()]);
