import { createServer, type Server } from 'node:https';
import { isRecord, listOf, recordOf } from '../src/admission/json.ts';

/** What a baseline says to a parsed review. */
type Reply = (request: Readonly<Record<string, unknown>>) => object;

/** A bare node:https server: reads the body, parses it, answers. Nothing is checked or remembered. */
export function createBaseline(tls: { cert: string; key: string }, reply: Reply): Server {
  return createServer(tls, (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const review: unknown = JSON.parse(Buffer.concat(chunks).toString());
      const response = reply(recordOf(recordOf(review)['request']));
      outgoing.setHeader('Content-Type', 'application/json');
      outgoing.end(
        JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }),
      );
    });
  });
}

/** (a) Allows everything. */
export const constantReply: Reply = ({ uid }) => ({ uid, allowed: true });

const annotations = ['tenant', 'subject', 'spiffe-id', 'attestation'];
const variables = ['ENDPOINT_URL_S3', 'ENDPOINT_URL_STS', 'REGION', 'ROLE_ARN', 'ROLE', 'TOKEN'];

/** (b) Equal work at its least: 4 annotations, 6 variables per container, no questions asked. */
export const minimalReply: Reply = ({ uid, object, namespace }) => {
  const operations: object[] = [];
  for (const name of annotations) {
    const path = `/metadata/annotations/example.com~1${name}`;
    operations.push({
      op: 'add',
      path,
      value: `system:serviceaccount:${String(namespace)}:writer`,
    });
  }
  const { spec } = recordOf(object);
  for (const list of ['initContainers', 'containers']) {
    listOf(recordOf(spec)[list]).forEach((container, index) => {
      const hasEnv = isRecord(container) && Array.isArray(container['env']);
      if (!hasEnv) operations.push({ op: 'add', path: `/spec/${list}/${index}/env`, value: [] });
      for (const name of variables) {
        const value = {
          name: `AWS_${name}`,
          value: 'https://minio.storage.svc.cluster.local:9000',
        };
        operations.push({ op: 'add', path: `/spec/${list}/${index}/env/-`, value });
      }
    });
  }
  const patch = Buffer.from(JSON.stringify(operations)).toString('base64');
  return { uid, allowed: true, patchType: 'JSONPatch', patch };
};
