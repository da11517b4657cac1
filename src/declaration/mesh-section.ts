import { dnsLabelField, hostField } from './schema.ts';

/** The Istio mesh, as the config describes it. */
export const meshSection = {
  type: 'object',
  additionalProperties: false,
  default: {},
  description: 'The Istio mesh.',
  properties: {
    rootNamespace: { ...dnsLabelField, default: 'istio-system', description: 'Where istiod runs.' },
    gatewayNamespaces: {
      type: 'array',
      maxItems: 64,
      'x-kubernetes-list-type': 'set',
      default: [],
      description:
        "Where shared ingress gateways run, besides rootNamespace: a tenant's VirtualService for its " +
        'ingress hosts may be exported there.',
      items: dnsLabelField,
    },
    trustDomain: {
      type: 'string',
      minLength: 1,
      maxLength: 253,
      default: 'cluster.local',
      description: 'First part of every SPIFFE ID.',
    },
    clusterDomain: {
      ...hostField,
      default: 'cluster.local',
      description: 'DNS domain of the cluster.',
    },
    proxyImages: {
      type: 'array',
      minItems: 1,
      maxItems: 32,
      default: [
        'docker.io/istio/proxyv2',
        'gcr.io/istio-release/proxyv2',
        'registry.istio.io/release/proxyv2',
      ],
      'x-kubernetes-list-type': 'set',
      description: 'Repositories of the sidecar image, without tag or digest.',
      items: { type: 'string', minLength: 1, maxLength: 512 },
    },
  },
} as const;
