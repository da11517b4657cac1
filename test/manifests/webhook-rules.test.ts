import { describe, expect, it } from 'vitest';
import { toWebhookRules, type Matching } from '../../src/kube/webhook-rules.ts';

describe('the rules of an entry', () => {
  it('are merged by group and operations, sorted, and the same in any order', () => {
    const matching: Matching[] = [
      { match: [{ group: 'apps', resources: ['replicasets'], operations: ['UPDATE', 'CREATE'] }] },
      { match: [{ group: '', resources: ['pods'], operations: ['CREATE'] }] },
      { match: [{ group: '', resources: ['pods', 'podtemplates'], operations: ['UPDATE'] }] },
      { match: [{ group: 'apps', resources: ['deployments'], operations: ['CREATE', 'UPDATE'] }] },
    ];
    const apiVersions = ['*'];
    const scope = 'Namespaced';
    const expected = [
      {
        apiGroups: [''],
        apiVersions,
        operations: ['CREATE', 'UPDATE'],
        resources: ['pods'],
        scope,
      },
      { apiGroups: [''], apiVersions, operations: ['UPDATE'], resources: ['podtemplates'], scope },
      {
        apiGroups: ['apps'],
        apiVersions,
        operations: ['CREATE', 'UPDATE'],
        resources: ['deployments', 'replicasets'],
        scope,
      },
    ];
    expect(toWebhookRules(matching)).toEqual(expected);
    expect(toWebhookRules(matching.toReversed())).toEqual(expected);
  });
});
