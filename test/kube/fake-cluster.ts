import type { JsonRecord } from '../../src/admission/json.ts';
import type { Cluster, ClusterRequest } from '../../src/kube/cluster.ts';

/** An API server of which a test writes every answer. */
export interface FakeCluster extends Cluster {
  /** Everything that was asked, in order. */
  readonly asked: ClusterRequest[];
}

export interface FakeAnswers {
  /** Answers a list, or throws. */
  readonly list: (request: ClusterRequest, count: number) => JsonRecord;
  /** Yields the lines of a watch, then ends it or throws. */
  readonly watch: (
    request: ClusterRequest,
    count: number,
  ) => AsyncIterable<JsonRecord> | Iterable<JsonRecord>;
}

export function createFakeCluster({ list, watch }: FakeAnswers): FakeCluster {
  const asked: ClusterRequest[] = [];
  let lists = 0;
  let watches = 0;
  return {
    server: 'https://fake',
    namespace: undefined,
    asked,
    ask(request) {
      asked.push(request);
      try {
        return Promise.resolve(list(request, (lists += 1)));
      } catch (error) {
        return Promise.reject(error instanceof Error ? error : new Error(String(error)));
      }
    },
    async *follow(request) {
      asked.push(request);
      // As a real connection, it ends when the caller ends it.
      const ended = new Promise<never>((_resolve, reject) => {
        request.signal?.addEventListener('abort', () => {
          reject(new Error('aborted'));
        });
      });
      ended.catch(() => undefined);
      const lines = watch(request, (watches += 1));
      const iterator =
        Symbol.asyncIterator in lines ? lines[Symbol.asyncIterator]() : lines[Symbol.iterator]();
      for (;;) {
        const next = await Promise.race([iterator.next(), ended]);
        if (next.done === true) return;
        yield next.value;
      }
    },
  };
}

/** A list of objects that have only names. */
export function listOfNames(names: readonly string[], resourceVersion: string): JsonRecord {
  return { metadata: { resourceVersion }, items: names.map((name) => ({ metadata: { name } })) };
}

/** One line of a watch about an object that has only a name. */
export function eventOf(type: string, name: string, resourceVersion: string): JsonRecord {
  return { type, object: { metadata: { name, resourceVersion } } };
}

/** A watch on which nothing ever comes. */
export async function* silence(): AsyncGenerator<JsonRecord> {
  await new Promise<never>(() => undefined);
  yield {};
}
