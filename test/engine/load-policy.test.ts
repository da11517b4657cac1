import { describe, expect, it } from 'vitest';
import { loadPolicy } from '../../src/engine/load-policy.ts';
import { createPolicyState } from '../../src/engine/state.ts';

const tenants = (text: string): { file: string; text: string }[] => [{ file: 't.yaml', text }];
const one = `apiVersion: bucketwarden.io/v1alpha1
kind: StorageTenant
metadata: { name: payments }
spec: { namespaces: [payments] }
`;

describe('a set of policy files', () => {
  it('is loaded with the defaults where no config is given', () => {
    const policy = loadPolicy({ tenants: tenants(one) }, new Set());
    expect([...policy.tenants.tenants.keys()]).toEqual(['payments']);
    expect(policy.settings.config.storage.region).toBe('us-east-1');
  });

  it('is compiled once, for finding overlaps and for judging', () => {
    const policy = loadPolicy({ tenants: tenants(one) }, new Set());
    const state = createPolicyState(policy);
    expect(state.settings).toBe(policy.settings);
    expect(state.tenants).toBe(policy.tenants);
  });

  it('without a tenant is refused: a half-written file would free every bucket', () => {
    expect(() => loadPolicy({ tenants: tenants('') }, new Set())).toThrow(
      't.yaml: there is no StorageTenant in it',
    );
  });

  it('with an emptied config is refused: it would bring back the defaults', () => {
    const config = { file: 'c.yaml', text: '' };
    expect(() => loadPolicy({ config, tenants: tenants(one) }, new Set())).toThrow(
      'c.yaml: there is no BucketwardenConfig in it',
    );
  });

  it('names a tenant that is declared twice, and what overlaps, by file and line', () => {
    expect(() => loadPolicy({ tenants: tenants(`${one}---\n${one}`) }, new Set())).toThrow(
      't.yaml:8:19: metadata.name: tenant "payments" is declared twice',
    );
  });
});
