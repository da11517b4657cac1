import { describe, expect, it } from 'vitest';
import { formatPath } from '../../src/admission/field-path.ts';

describe('a path in a message', () => {
  it.each([
    [['spec', 'containers', 0, 'env', 1, 'value'], 'spec.containers[0].env[1].value'],
    [['metadata', 'annotations', 'a.b/c'], 'metadata.annotations["a.b/c"]'],
    [['__proto__', 'constructor'], '__proto__.constructor'],
    [[], ''],
  ])('%j is %s', (path, text) => {
    expect(formatPath(path)).toBe(text);
  });

  it('shows a key of any length, but no more of it than Kubernetes allows', () => {
    const longest = `${'a'.repeat(253)}/${'b'.repeat(63)}`;
    expect(formatPath(['labels', longest])).toBe(`labels["${longest}"]`);
    expect(formatPath(['labels', `${longest}c`, 'x'])).toBe(`labels["${longest}…"].x`);
    expect(formatPath(['labels', 'a'.repeat(1_000)])).toBe(`labels["${'a'.repeat(317)}…"]`);
  });
});
