import { describe, expect, it } from 'vitest';
import { withDefaults } from '../../src/declaration/defaults.ts';

const schema = {
  type: 'object',
  properties: {
    plain: { type: 'string', default: 'x' },
    nested: {
      type: 'object',
      default: {},
      properties: { inner: { type: 'number', default: 1 }, none: { type: 'string' } },
    },
    lonely: { type: 'object', properties: { inner: { type: 'number', default: 1 } } },
    list: {
      type: 'array',
      items: { type: 'object', properties: { access: { type: 'string', default: 'ReadOnly' } } },
    },
    flag: { type: 'boolean', default: true },
  },
};

describe('defaults', () => {
  it('apply inside a default, too', () => {
    expect(withDefaults({}, schema)).toEqual({ plain: 'x', nested: { inner: 1 }, flag: true });
  });

  it('do not make up an object that has none', () => {
    expect(withDefaults({}, schema)).not.toHaveProperty('lonely');
    expect(withDefaults({ lonely: {} }, schema)).toMatchObject({ lonely: { inner: 1 } });
  });

  it('apply to every entry of a list', () => {
    const list = [{}, { access: 'ReadWrite' }, { other: 1 }];
    expect(withDefaults({ list }, schema)).toMatchObject({
      list: [{ access: 'ReadOnly' }, { access: 'ReadWrite' }, { access: 'ReadOnly', other: 1 }],
    });
  });

  it('never replace what is there, false and empty values included', () => {
    const value = { plain: '', nested: { inner: 0 }, flag: false };
    expect(withDefaults(value, schema)).toEqual(value);
  });

  it('leave the value they are filled into as it was', () => {
    const value = Object.freeze({ nested: Object.freeze({}) });
    expect(withDefaults(value, schema)).toMatchObject({ nested: { inner: 1 } });
    expect(value).toEqual({ nested: {} });
  });
});
