import { listOf, recordOf, textOf, type JsonRecord } from '../../src/admission/json.ts';
import { ClusterError } from '../../src/kube/cluster-error.ts';
import type { ClusterRequest } from '../../src/kube/cluster.ts';
import { createFakeCluster, type FakeCluster } from './fake-cluster.ts';

/** An API server that keeps objects by path: it makes, merges, reads and lists them. */
export function createStoringCluster(objects: Map<string, JsonRecord>): FakeCluster {
  const answer = ({ method = 'GET', path, body }: ClusterRequest): JsonRecord => {
    if (method === 'POST') {
      const object = recordOf(body);
      const name = textOf(recordOf(object['metadata'])['name']) ?? '';
      objects.set(`${path}/${name}`, object);
      return object;
    }
    const below = [...objects].filter(([key]) => key.startsWith(`${path}/`));
    const found = objects.get(path);
    if (found === undefined) {
      if (method === 'GET' && below.length > 0) return answerOf(below.map(([, object]) => object));
      if (path.endsWith('configurations')) return answerOf([]);
      throw new ClusterError(`${method} ${path}: answered 404`, { status: 404 });
    }
    if (method === 'PATCH') objects.set(path, merged(found, recordOf(body)));
    return objects.get(path) ?? {};
  };
  return createFakeCluster({ list: answer, watch: () => [] });
}

function answerOf(items: readonly JsonRecord[]): JsonRecord {
  return { metadata: { resourceVersion: '1' }, items };
}

/** Merges as a strategic merge patch does: lists of named things by name. */
function merged(before: JsonRecord, patch: JsonRecord): JsonRecord {
  const fields = Object.entries(patch).map(([key, value]): [string, unknown] => {
    if (!Array.isArray(value)) {
      return [key, typeof value === 'object' ? { ...recordOf(before[key]), ...value } : value];
    }
    const items = listOf(before[key]).map((item) => {
      const { name } = recordOf(item);
      return {
        ...recordOf(item),
        ...recordOf(value.find((one) => recordOf(one)['name'] === name)),
      };
    });
    return [key, items];
  });
  return { ...before, ...Object.fromEntries(fields) };
}
