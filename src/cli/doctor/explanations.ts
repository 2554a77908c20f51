import type { FindingKind } from '../../linking/ownership/inspection.js';

export interface Explanation {
  readonly title: string;
  readonly why: string;
}

/** Every kind of finding, the worst first. */
export const EXPLANATIONS: Readonly<Record<FindingKind, Explanation>> = {
  'wrong-declaration': {
    title: 'Declarations that cannot be right',
    why: 'The app refuses to start.',
  },
  'missing-policy': {
    title: 'Missing policies',
    why: "The app refuses to start: rows can collide in a merge, and nothing says which one stays. Write the line, with 'keepAccount', 'keepGuest', newest(column), combine({ column: 'sum' }) or 'refuse', or write a merge handler.",
  },
  'cannot-merge': {
    title: 'Tables that a merge cannot rewrite by itself',
    why: 'The app refuses to start.',
  },
  'missing-index': {
    title: 'Columns without an index',
    why: 'A merge, and every deletion of a user, looks for rows by these columns. Without an index it reads the whole table while it holds its locks.',
  },
  cascade: {
    title: 'Rows that a deletion takes along',
    why: 'A merge moves rows before it deletes the guest. Whatever else deletes a user takes or orphans them without a word; with NO ACTION Postgres refuses that instead.',
  },
  'soft-reference': {
    title: 'Columns that look like users',
    why: 'What no foreign key and no declaration names is not moved: it goes on naming a guest who is gone.',
  },
  'blocked-delete': {
    title: 'Good to know',
    why: 'Nothing is wrong as long as guests have no rows there.',
  },
};

export const FINDING_KINDS = Object.keys(EXPLANATIONS) as FindingKind[];
