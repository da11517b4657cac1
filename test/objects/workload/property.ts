import fc from 'fast-check';
import { it } from 'vitest';

export { fc };

/** A property as a test with a sentence for a name. */
export function test<Value>(
  name: string,
  values: fc.Arbitrary<Value>,
  check: (value: Value) => void | Promise<void>,
): void {
  it(name, async () => {
    await fc.assert(
      fc.asyncProperty(values, async (value) => check(value)),
      { numRuns: 200 },
    );
  });
}
