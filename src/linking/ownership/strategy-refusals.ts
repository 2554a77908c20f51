import type { Refusal, TableCase } from './refusals.js';
import { asksOf, unfit } from './strategy-fit.js';

/** What a declared strategy asks of columns that cannot do it. */
export function strategyRefusals(subject: TableCase): Refusal[] {
  return asksOf(subject.table).flatMap(([name, ask]) => {
    const problem = problemOf(subject, name, ask);
    return problem === undefined
      ? []
      : [{ kind: 'wrong-declaration', table: subject.table.name, ...problem }];
  });
}

function problemOf(
  { catalog, replaced, unfit: unsupported, target }: TableCase,
  name: string,
  ask: ReturnType<typeof asksOf>[number][1],
): Pick<Refusal, 'problem' | 'fix'> | undefined {
  const column = catalog.columns.find((candidate) => candidate.name === name);
  if (!column) {
    return {
      problem: `\`owned(${target}, …)\` names the column ${name}, which it does not have.`,
      fix: "Name the entity's property or the column itself.",
    };
  }
  if (unsupported.has(unfit(ask, column.type))) {
    return {
      problem: `'${ask}' does not fit column ${name} of type ${column.type}.`,
      fix:
        ask === 'newest'
          ? 'Name a column whose values have an order, for example a time.'
          : "'sum' needs numbers, 'or' and 'and' booleans, 'max' and 'min' values that have an order; 'fill' takes any type.",
    };
  }
  if (ask === 'newest') return undefined;
  const key = catalog.uniqueKeys.find(({ columns }) => columns.includes(name));
  if (key) {
    return {
      problem: `'${ask}' would change column ${name}, which the unique key ${key.name} reads, so a row could break that key.`,
      fix: `Leave ${name} out of combine(), or write a class with \`@MergeHandler(${target})\`.`,
    };
  }
  if (column.isGenerated || replaced.includes(name)) {
    return {
      problem: `'${ask}' cannot change column ${name}: ${column.isGenerated ? 'its value is generated' : 'the merge itself decides its value'}.`,
      fix: `Leave ${name} out of combine().`,
    };
  }
  return undefined;
}
