import type { Shape } from '../shape.ts';

const text = 'text';
const texts: Shape = { list: 'text' };

const variable: Shape = { fields: { name: text, value: text, valueFrom: 'record' } };

const container: Shape = {
  fields: {
    name: text,
    image: text,
    command: texts,
    args: texts,
    env: { list: variable },
    envFrom: { list: { fields: { prefix: text, secretRef: 'record', configMapRef: 'record' } } },
    volumeMounts: { list: { fields: { name: text, mountPath: text } } },
  },
};

const volume: Shape = {
  fields: {
    name: text,
    projected: {
      fields: {
        sources: { list: { fields: { serviceAccountToken: { fields: { audience: text } } } } },
      },
    },
  },
};

/** The fields of a pod spec that rules read. */
export const podSpecShape: Shape = {
  fields: {
    serviceAccountName: text,
    serviceAccount: text,
    containers: { list: container },
    initContainers: { list: container },
    ephemeralContainers: { list: container },
    volumes: { list: volume },
  },
};

/** The same of the metadata beside it. */
export const podMetadataShape: Shape = {
  fields: { annotations: { map: text }, labels: { map: text } },
};
