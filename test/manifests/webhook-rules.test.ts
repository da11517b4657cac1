import { describe, expect, it } from 'vitest';
import { aConfig } from '../builders.ts';
import type { Match } from '../../src/objects/match.ts';
import { templateRules, toWebhookRules } from '../../src/manifests/webhook-rules.ts';

describe('the rules of an entry', () => {
  it('are merged by group and operations, sorted, and the same in any order', () => {
    const matches: Match[] = [
      { group: 'apps', resources: ['replicasets'], operations: ['UPDATE', 'CREATE'] },
      { group: '', resources: ['pods'], operations: ['CREATE'] },
      { group: '', resources: ['pods', 'podtemplates'], operations: ['UPDATE'] },
      { group: 'apps', resources: ['deployments'], operations: ['CREATE', 'UPDATE'] },
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
    expect(toWebhookRules(matches)).toEqual(expected);
    expect(toWebhookRules(matches.toReversed())).toEqual(expected);
  });

  it('hold the custom kinds of the config, in the version whose pod spec it names', () => {
    const podSpec = 'spec.template.spec';
    const templates = [
      { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', podSpec },
      { apiVersion: 'serving.knative.dev/v1', kind: 'Service', podSpec },
      { apiVersion: 'example.com/v2', kind: 'Fox', resource: 'foxes', podSpec },
    ];
    expect(templateRules(aConfig({ detection: { templates } }))).toEqual(
      [
        ['argoproj.io', 'v1alpha1', 'rollouts'],
        ['serving.knative.dev', 'v1', 'services'],
        ['example.com', 'v2', 'foxes'],
      ].map(([group, version, resource]) => ({
        apiGroups: [group],
        apiVersions: [version],
        operations: ['CREATE', 'UPDATE'],
        resources: [resource],
        scope: 'Namespaced',
      })),
    );
  });
});
