import { urlField } from './schema.ts';

/** One entry of `spec.issuers` of a StorageTenant. */
export const issuerEntry = {
  type: 'object',
  required: ['issuer', 'jwksUri'],
  additionalProperties: false,
  properties: {
    issuer: { type: 'string', minLength: 1, maxLength: 512, description: 'The `iss` of tokens.' },
    jwksUri: { ...urlField, description: 'URL of its public keys.' },
    audiences: {
      type: 'array',
      maxItems: 16,
      'x-kubernetes-list-type': 'set',
      description: 'The `aud` values its tokens may carry.',
      items: { type: 'string', minLength: 1, maxLength: 512 },
    },
  },
} as const;
