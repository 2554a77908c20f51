import fc from 'fast-check';
import {
  type Fate,
  type Outcome,
  type Pair,
  type Policy,
  type Product,
  type Writing,
} from './product.js';
import type { Reference } from './reference.js';
import type { World } from './world.js';

export const MOST_GUESTS = 3;
export const MOST_ACCOUNTS = 2;

type Step =
  | { readonly do: 'issue' | 'read' | 'look' | 'signOut'; readonly by: number }
  | { readonly do: 'write'; readonly by: number; readonly what: 'note' | 'x' | 'y' | 'wallet' }
  | { readonly do: 'upgrade' | 'signUp'; readonly by: number; readonly email: string }
  | {
      readonly do: 'signIn';
      readonly by: number;
      readonly email: string;
      readonly policy: Policy;
      readonly fate: Fate;
    }
  | { readonly do: 'confirm'; readonly by: number; readonly link: number; readonly fate: Fate }
  | { readonly do: 'decline'; readonly by: number; readonly link: number }
  | { readonly do: 'copy'; readonly by: number; readonly to: number }
  | { readonly do: 'wait'; readonly days: number }
  | { readonly do: 'reconcile'; readonly fate: Fate }
  | { readonly do: 'reap'; readonly contributors: 'keep' | 'delete' };

/** One step of a story: the library must do what the model does. */
class StepCommand implements fc.AsyncCommand<Reference, World> {
  constructor(private readonly step: Step) {}

  /** Keeps the cast small, so that its members meet. */
  check(model: Readonly<Reference>): boolean {
    const { step } = this;
    switch (step.do) {
      case 'issue':
      case 'write':
        return model.isSomebody(step.by) || model.guestsMade < MOST_GUESTS;
      case 'upgrade':
      case 'signUp':
        return model.accounts < MOST_ACCOUNTS || model.isTaken(step.email);
      case 'confirm':
      case 'decline':
        return model.links.length > 0;
      default:
        return true;
    }
  }

  async run(model: Reference, world: World): Promise<void> {
    const links = [...model.links];
    const text = `row ${model.steps}`;
    model.steps += 1;
    const expected = await perform(model, this.step, links, text);
    expect(await perform(world, this.step, links, text)).toEqual(expected);
  }

  toString(): string {
    const { do: name, ...how } = this.step;
    return `${name}(${Object.values(how).join(', ')})`;
  }
}

async function perform(
  product: Product,
  step: Step,
  links: readonly Pair[],
  text: string,
): Promise<Outcome | void> {
  switch (step.do) {
    case 'write':
      return product.write(step.by, rowOf(step.what, text));
    case 'upgrade':
    case 'signUp':
      return product[step.do](step.by, step.email);
    case 'signIn':
      return product.signIn(step.by, step.email, step.policy, step.fate);
    case 'confirm':
      return product.confirm(step.by, links[step.link % links.length]!, step.fate);
    case 'decline':
      return product.decline(step.by, links[step.link % links.length]!);
    case 'copy':
      return product.copy(step.by, step.to);
    case 'wait':
      return product.wait(step.days);
    case 'reconcile':
      return product.reconcile(step.fate);
    case 'reap':
      return product.reap(step.contributors);
    default:
      return product[step.do](step.by);
  }
}

function rowOf(what: 'note' | 'x' | 'y' | 'wallet', text: string): Writing {
  if (what === 'note') return { table: 'note', text };
  return what === 'wallet' ? { table: 'wallet' } : { table: 'tag', name: what, text };
}

const by = fc.nat(3);
const link = fc.nat(5);
/** There from the beginning. */
export const ADA = 'ada@example.com';
const known = fc.constantFrom(ADA, ADA, ADA, 'bob@example.com', 'bob@example.com');
const email = fc.constantFrom(ADA, 'bob@example.com', 'eve@example.com');
const policy = fc.constantFrom<Policy>('merge', 'merge', 'ask', 'keep', 'refuse');
/** A crash costs a start of the app, so there are fewer. */
const fate = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Fate>('works') },
  { weight: 6, arbitrary: fc.constantFrom<Fate>('handler-fails', 'commit-lost', 'answer-lost') },
  { weight: 1, arbitrary: fc.constant<Fate>('crash') },
);
const steps: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<Step>])[] = [
  [3, fc.record({ do: fc.constant('issue'), by })],
  [
    5,
    fc.record({ do: fc.constant('write'), by, what: fc.constantFrom('note', 'x', 'y', 'wallet') }),
  ],
  [1, fc.record({ do: fc.constantFrom('read', 'look'), by })],
  [1, fc.record({ do: fc.constant('signOut'), by })],
  [2, fc.record({ do: fc.constantFrom('upgrade', 'signUp'), by, email })],
  [6, fc.record({ do: fc.constant('signIn'), by, email: known, policy, fate })],
  [3, fc.record({ do: fc.constant('confirm'), by, link, fate })],
  [1, fc.record({ do: fc.constant('decline'), by, link })],
  [1, fc.record({ do: fc.constant('copy'), by, to: by })],
  [1, fc.record({ do: fc.constant('wait'), days: fc.constantFrom(4, 10, 31) })],
  [1, fc.record({ do: fc.constant('reconcile'), fate })],
  [2, fc.record({ do: fc.constant('reap'), contributors: fc.constantFrom('keep', 'delete') })],
] as never;

/** Stories of up to 40 steps, in any order that people and machines may come up with. */
export const stories = (replayPath?: string) =>
  fc.commands(
    steps.flatMap(([weight, arbitrary]) =>
      Array.from({ length: weight }, () => arbitrary.map((step) => new StepCommand(step))),
    ),
    { maxCommands: 40, size: 'max', replayPath },
  );
