import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:https';
import { isRecord, listOf, recordOf, textOf, type JsonRecord } from '../../src/admission/json.ts';
import type { PatchOperation } from '../../src/admission/json-patch.ts';
import { buildRequest } from '../../src/engine/offline/object-request.ts';

/** What the webhook answered to one review. */
export interface ReviewAnswer {
  readonly allowed: boolean;
  readonly message: string;
  readonly warnings: readonly string[];
  readonly patch: readonly PatchOperation[];
}

export interface ReviewClient {
  /** Posts an AdmissionReview for the creation of the object. */
  post(path: '/mutate' | '/validate', object: JsonRecord): Promise<ReviewAnswer>;
  close(): void;
}

/** Talks to the webhook as an API server does: HTTPS, one kept connection, its CA verified. */
export function createReviewClient(port: number, ca: string): ReviewClient {
  const agent = new Agent({ keepAlive: true, ca });
  return {
    async post(path, object) {
      const built = buildRequest(object, { defaultNamespace: 'default', podSpecPaths: new Map() });
      if (built.kind !== 'request') throw new Error(`not judged: ${built.kind}`);
      const review = {
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        request: { ...built.request, uid: randomUUID(), oldObject: null },
      };
      const url = { host: '127.0.0.1', port, path: `${path}?timeout=30s`, agent };
      return decodeAnswer(await send(url, JSON.stringify(review)));
    },
    close: () => {
      agent.destroy();
    },
  };
}

function send(
  url: { host: string; port: number; path: string; agent: Agent },
  body: string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const outgoing = request({ ...url, method: 'POST', headers }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      incoming.on('end', () => {
        resolve(text);
      });
    });
    outgoing.on('error', reject).end(body);
  });
}

function decodeAnswer(text: string): ReviewAnswer {
  const response = recordOf(recordOf(JSON.parse(text))['response']);
  const patch: unknown = JSON.parse(
    Buffer.from(textOf(response['patch']) ?? '', 'base64').toString() || '[]',
  );
  return {
    allowed: response['allowed'] === true,
    message: textOf(recordOf(response['status'])['message']) ?? '',
    warnings: listOf(response['warnings']).filter((warning) => typeof warning === 'string'),
    patch: listOf(patch).filter(isPatchOperation),
  };
}

function isPatchOperation(value: unknown): value is PatchOperation {
  return isRecord(value) && (value['op'] === 'add' || value['op'] === 'replace');
}
