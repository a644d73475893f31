/**
 * Names that can key an object: the first of equal names stays as it is, the later ones get `_2`, `_3`, …, past any name
 * that is there already (`a, a, a_2` → `a, a_3, a_2`).
 */
export function uniqueNames(names: readonly string[]): readonly string[] {
  const taken = new Set(names);
  const given = new Set<string>();
  return names.map((name) => {
    const unique = given.has(name) ? firstFree(name, taken) : name;
    given.add(unique);
    taken.add(unique);
    return unique;
  });
}

function firstFree(name: string, taken: ReadonlySet<string>): string {
  let number = 2;
  while (taken.has(`${name}_${number}`)) number++;
  return `${name}_${number}`;
}
