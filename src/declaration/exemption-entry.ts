import { dnsLabelField, serviceAccountField } from './schema.ts';

/** One entry of `spec.exemptions` of a StorageTenant. */
export const exemptionEntry = {
  type: 'object',
  required: ['rule', 'namespace', 'reason', 'expires'],
  additionalProperties: false,
  'x-kubernetes-validations': [
    {
      rule: 'has(self.serviceAccount) != (has(self.kind) && has(self.name))',
      message: 'name either a serviceAccount, or one object by kind and name',
    },
    {
      rule: 'has(self.kind) == has(self.name)',
      message: 'kind and name belong together',
    },
  ],
  properties: {
    rule: { ...dnsLabelField, description: 'Id of the rule, see `bucketwarden policy list`.' },
    namespace: { ...dnsLabelField, description: 'One of the namespaces of this tenant.' },
    serviceAccount: {
      ...serviceAccountField,
      description: 'Exempts workloads of this service account.',
    },
    kind: {
      type: 'string',
      minLength: 1,
      maxLength: 63,
      pattern: '^[A-Z][A-Za-z0-9]*$',
      errorMessage: 'must be a kind such as ServiceEntry',
      description: 'Kind of the object that is exempt.',
    },
    name: { type: 'string', minLength: 1, maxLength: 253, description: 'Name of that object.' },
    reason: {
      type: 'string',
      minLength: 1,
      maxLength: 256,
      description: 'Shown whenever it applies.',
    },
    expires: {
      type: 'string',
      minLength: 10,
      maxLength: 10,
      pattern: '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$',
      errorMessage: 'must be a date, YYYY-MM-DD',
      description: 'Last day (UTC) on which it applies, YYYY-MM-DD.',
    },
  },
} as const;
