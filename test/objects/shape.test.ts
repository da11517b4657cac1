import { describe, expect, it } from 'vitest';
import { formatPath } from '../../src/admission/field-path.ts';
import { mistypedAlong, mistypedFields, type Shape } from '../../src/objects/shape.ts';

const shape: Shape = {
  fields: {
    name: 'text',
    tags: { list: 'text' },
    labels: { map: 'text' },
    ports: { list: { fields: { protocol: 'text' } } },
    extra: 'record',
  },
};

function problems(value: unknown): string[] {
  return mistypedFields(value, shape, ['spec']).map(
    ({ path, reason }) => `${formatPath(path)} ${reason}`,
  );
}

describe('mistyped fields', () => {
  it.each([undefined, null, {}, { name: null, tags: null, ports: [], other: 7 }])(
    'are not what is absent, null or unknown: %j',
    (value) => {
      expect(problems(value)).toEqual([]);
    },
  );

  it('are named with their place, what is wanted and what was found', () => {
    const value = {
      name: 7,
      tags: ['a', {}, null],
      labels: { a: 'x', b: true },
      ports: [{ protocol: [] }, 'http', null],
      extra: 'x',
    };
    expect(problems(value)).toEqual([
      'spec.name must be a string, found a number',
      'spec.tags[1] must be a string, found an object',
      'spec.tags[2] must be a string, found null',
      'spec.labels.b must be a string, found a boolean',
      'spec.ports[0].protocol must be a string, found a list',
      'spec.ports[1] must be an object, found a string',
      'spec.ports[2] must be an object, found null',
      'spec.extra must be an object, found a string',
    ]);
    expect(problems('x')).toEqual(['spec must be an object, found a string']);
    expect(problems({ tags: 'a' })).toEqual(['spec.tags must be a list, found a string']);
  });

  it('are listed up to ten and then counted', () => {
    const found = problems({ tags: Array.from({ length: 25 }, () => 7) });
    expect(found).toHaveLength(11);
    expect(found.at(-1)).toBe('spec has 15 more fields of the wrong type');
  });

  it('on the way to a field are found as well', () => {
    const along = (object: Record<string, unknown>): unknown =>
      mistypedAlong(object, ['spec', 'template', 'spec']);
    expect(along({})).toEqual([]);
    expect(along({ spec: { template: null } })).toEqual([]);
    expect(along({ spec: { template: 'x' } })).toEqual([
      { path: ['spec', 'template'], reason: 'must be an object, found a string' },
    ]);
  });
});
