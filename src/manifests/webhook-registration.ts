import type { BucketwardenConfig } from '../declaration/bucketwarden-config.ts';
import { installation, webhookOfSelection, webhooks } from '../names.ts';
import type { Match, OwnEntry } from '../objects/match.ts';
import { classifyNamespaces, type NamespaceClass } from '../settings/namespace-class.ts';
import type {
  NamespaceSelector,
  WebhookConfiguration,
  WebhookEntry,
  WebhookService,
} from './webhook-configuration.ts';
import { matchesOf, templateRules, toWebhookRules, type Matching } from './webhook-rules.ts';

/** What the API server should send us: the two objects that `manifests/` and the tests apply. */
export interface Registration {
  readonly mutating: WebhookConfiguration<'MutatingWebhookConfiguration'>;
  readonly validating: WebhookConfiguration<'ValidatingWebhookConfiguration'>;
}

/** Set by the API server itself on every namespace, and immutable: no tenant can move out of reach. */
const namespaceNameLabel = 'kubernetes.io/metadata.name';

/** We answer in milliseconds; this is how long a dead node may hold up a request that ends anyway. */
const timeoutSeconds = 5;

/**
 * Makes the registration from what rules and mutations match and from the classes of namespaces
 * (docs/install.md, "When the webhook is down").
 */
export function buildRegistration(
  judged: { readonly rules: readonly Matching[]; readonly mutations: readonly Matching[] },
  config: BucketwardenConfig,
  { service, caBundle }: { readonly service: WebhookService; readonly caBundle?: string },
): Registration {
  const entryFor = entryBuilder(service, caBundle);
  const namespacesOf = listByClass(config, service.namespace);
  // Nothing is changed in infrastructure namespaces: they belong to no tenant.
  const workloads = selectNamespaces('NotIn', namespacesOf('exempt', 'platform', 'infrastructure'));
  const infrastructure = namespacesOf('infrastructure');
  const matches = matchesOf(judged.rules);
  const validated = toWebhookRules(matches.filter(({ entry }) => entry === undefined));
  const namespaced = validated
    .filter(({ scope }) => scope === 'Namespaced')
    .concat(templateRules(config));
  const clusterScoped = validated.filter(({ scope }) => scope === 'Cluster');
  const mutate = entryFor(webhooks.mutate, {
    rules: toWebhookRules(matchesOf(judged.mutations)),
    namespaceSelector: workloads,
    failurePolicy: 'Ignore',
  });
  return {
    mutating: configuration('MutatingWebhookConfiguration', [
      { ...mutate, reinvocationPolicy: 'IfNeeded' },
    ]),
    validating: configuration('ValidatingWebhookConfiguration', [
      entryFor(webhooks.validate, {
        rules: namespaced,
        namespaceSelector: workloads,
        failurePolicy: 'Fail',
      }),
      // An entry that selects no namespace would be noise, so there is none.
      ...(infrastructure.length === 0
        ? []
        : [
            entryFor(webhooks.validateInfrastructure, {
              rules: namespaced,
              namespaceSelector: selectNamespaces('In', infrastructure),
              failurePolicy: 'Ignore',
            }),
          ]),
      // No selector: it would not apply to cluster-scoped objects. Without us tenants cannot be changed.
      entryFor(webhooks.validateTenants, { rules: clusterScoped, failurePolicy: 'Fail' }),
      ...ownEntries(matches).map(([{ name, conditions, failurePolicy }, selected]) => {
        const rules = toWebhookRules(selected);
        const isNamespaced = rules.some(({ scope }) => scope === 'Namespaced');
        return entryFor(webhookOfSelection(name), {
          rules,
          ...(isNamespaced && { namespaceSelector: workloads }),
          ...(conditions.length > 0 && { matchConditions: conditions }),
          failurePolicy,
        });
      }),
    ]),
  };
}

/** Conditions and failure policy hold for a whole entry, so each gets one of its own. */
function ownEntries(matches: readonly Match[]): readonly [OwnEntry, readonly Match[]][] {
  const byName = new Map<string, [OwnEntry, Match[]]>();
  for (const match of matches) {
    if (match.entry === undefined) continue;
    const known = byName.get(match.entry.name);
    if (known === undefined) byName.set(match.entry.name, [match.entry, [match]]);
    else known[1].push(match);
  }
  return [...byName.values()];
}

function configuration<Kind extends string>(
  kind: Kind,
  entries: readonly WebhookEntry[],
): WebhookConfiguration<Kind> {
  // The API server calls configurations in the order of their names: "bucketwarden" comes before
  // "istio-sidecar-injector", so that the injector sees the containers as we leave them.
  const { name, labels } = installation;
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name, labels },
    webhooks: entries,
  };
}

function entryBuilder(service: WebhookService, caBundle: string | undefined) {
  return (
    { name, path }: { readonly name: string; readonly path: string },
    given: Pick<WebhookEntry, 'rules' | 'namespaceSelector' | 'matchConditions' | 'failurePolicy'>,
  ): WebhookEntry => ({
    name,
    clientConfig: {
      service: { namespace: service.namespace, name: service.name, path, port: service.port },
      ...(caBundle !== undefined && { caBundle }),
    },
    ...given,
    matchPolicy: 'Equivalent',
    sideEffects: 'None',
    timeoutSeconds,
    admissionReviewVersions: ['v1'],
  });
}

/** Our own namespace is exempt whatever the config says, or we could not start without ourselves. */
function listByClass(
  config: BucketwardenConfig,
  ownNamespace: string,
): (...wanted: readonly NamespaceClass[]) => readonly string[] {
  const classes = new Map(classifyNamespaces(config)).set(ownNamespace, 'exempt');
  return (...wanted) =>
    [...classes].flatMap(([name, found]) => (wanted.includes(found) ? [name] : [])).sort();
}

function selectNamespaces(operator: 'In' | 'NotIn', values: readonly string[]): NamespaceSelector {
  return { matchExpressions: [{ key: namespaceNameLabel, operator, values }] };
}
