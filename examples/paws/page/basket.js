import { get, post } from './api.js';
import { byId, count, element, list, onClick } from './dom.js';

const GOODS = [
  { sku: 'ball', name: 'Tennis ball', one: 'tennis ball' },
  { sku: 'bone', name: 'Chew bone', one: 'chew bone' },
  { sku: 'rope', name: 'Rope to pull', one: 'rope', many: 'ropes' },
  { sku: 'towel', name: 'Towel for rain', one: 'towel' },
];
const amounts = new Map();

/** @param changed called after something went in or out. */
export function setUpBasket(changed) {
  byId('goods').append(...GOODS.map((good) => rowOf(good, changed)));
  onClick(byId('checkout'), byId('basket-result'), async () => {
    const { ordered } = await post('/checkout');
    await changed();
    return `Ordered: ${list(ordered.map(inWords))}. Nothing is sent, this is an example.`;
  });
}

export const loadBasket = async () => (await get('/basket')).items;

export function showBasket(items) {
  for (const [sku, amount] of amounts) {
    const quantity = items.find((item) => item.sku === sku)?.quantity ?? 0;
    amount.textContent = quantity === 0 ? '' : `${quantity} in the basket`;
  }
  byId('basket-text').textContent =
    items.length === 0 ? 'Nothing in it yet.' : `In it: ${list(items.map(inWords))}.`;
  byId('checkout').disabled = items.length === 0;
}

function inWords({ sku, quantity }) {
  const good = GOODS.find((known) => known.sku === sku);
  return good ? count(quantity, good.one, good.many) : `${quantity} × ${sku}`;
}

function rowOf({ sku, name }, changed) {
  const amount = element('span', { className: 'soft' });
  amounts.set(sku, amount);
  const button = element('button', { type: 'button', className: 'quiet', textContent: 'Add' });
  button.append(element('span', { className: 'hidden', textContent: ` ${name} to the basket` }));
  onClick(button, byId('basket-result'), async () => {
    await post('/basket/items', { sku, quantity: 1 });
    await changed();
    return `${name}: one more in the basket.`;
  });
  const label = element('span', {}, element('span', { textContent: name }), amount);
  return element('li', {}, label, button);
}
