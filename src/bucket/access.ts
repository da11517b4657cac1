/** What may be done with the objects of a bucket. */
export const accessModes = ['ReadOnly', 'WriteOnly', 'ReadWrite'] as const;
export type Access = (typeof accessModes)[number];

const suffixes = new Map<string, Access>([
  ['ro', 'ReadOnly'],
  ['wo', 'WriteOnly'],
  ['rw', 'ReadWrite'],
]);

/** True when `granted` includes everything `asked` needs. */
export function accessIncludes(granted: Access, asked: Access): boolean {
  return granted === 'ReadWrite' || granted === asked;
}

/** What two limits leave together; undefined when they leave nothing. */
export function capAccess(one: Access, other: Access): Access | undefined {
  if (accessIncludes(one, other)) return other;
  return accessIncludes(other, one) ? one : undefined;
}

/** What two grants allow together. */
export function unionAccess(one: Access, other: Access): Access {
  return one === other ? one : 'ReadWrite';
}

/** The access a suffix of the buckets annotation stands for: "ro", "wo" or "rw". */
export function accessOfSuffix(suffix: string): Access | undefined {
  return suffixes.get(suffix);
}

/** The suffix for an access: "ro", "wo" or "rw". */
export function suffixOfAccess(access: Access): 'ro' | 'wo' | 'rw' {
  switch (access) {
    case 'ReadOnly':
      return 'ro';
    case 'WriteOnly':
      return 'wo';
    case 'ReadWrite':
      return 'rw';
    default:
      return access satisfies never;
  }
}
