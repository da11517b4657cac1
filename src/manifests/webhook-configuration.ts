import type { MatchCondition } from '../objects/match.ts';
import type { WebhookRule } from './webhook-rules.ts';

/** The webhooks of one kind, under one name; the API server keeps them as one object. */
export interface WebhookConfiguration<Kind extends string> {
  readonly apiVersion: 'admissionregistration.k8s.io/v1';
  readonly kind: Kind;
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly webhooks: readonly WebhookEntry[];
}

/** One entry of a configuration; who answers it, what is sent, what happens without an answer. */
export interface WebhookEntry {
  readonly name: string;
  readonly clientConfig: {
    readonly service: WebhookService & { readonly path: string };
    /** Base64 of the authority's certificate, in PEM. */
    readonly caBundle?: string;
  };
  readonly rules: readonly WebhookRule[];
  readonly namespaceSelector?: NamespaceSelector;
  readonly matchConditions?: readonly MatchCondition[];
  readonly failurePolicy: 'Fail' | 'Ignore';
  readonly matchPolicy: 'Equivalent';
  readonly reinvocationPolicy?: 'IfNeeded';
  readonly sideEffects: 'None';
  readonly timeoutSeconds: number;
  readonly admissionReviewVersions: readonly ['v1'];
}

/** Where the API server finds us. */
export interface WebhookService {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/** Namespaces by their name. */
export interface NamespaceSelector {
  readonly matchExpressions: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn';
    readonly values: readonly string[];
  }[];
}
