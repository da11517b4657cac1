/**
 * The limits and defaults that operators may want to know and that are not fields of BucketwardenConfig.
 * Origins are beside the numbers. Limits that belong to one format or algorithm are in the file of that.
 */
export const limits = {
  /** object + oldObject at etcd's 1.5 MiB each, as YAML-escaped JSON (controller-runtime: 7 MiB). */
  maxBodyBytes: 7 * 1024 * 1024,
  /** Bodies of all requests in flight: nine of the largest, or ten thousand of ordinary pods. */
  maxBodyBytesInFlight: 64 * 1024 * 1024,
  /**
   * Of body bytes and of connections, for all addresses together that have not sent a valid review: two of the
   * largest bodies. The rest is for those that have, and an API server at a new address still finds room here.
   */
  partOfStrangers: 1 / 4,
  /** Values in a body, counted before it is parsed; dense objects of 1.5 MiB have some 150,000 each. */
  maxJsonValues: 500_000,
  /** The API server's default timeoutSeconds when `?timeout=` is absent. */
  defaultDeadlineMilliseconds: 10_000,
  /** Answer before the API server hangs up. */
  deadlineMarginMilliseconds: 200,
  /** Node's own default is 5 min; a request is a few kB from a server next door. */
  requestTimeoutMilliseconds: 15_000,
  headersTimeoutMilliseconds: 5_000,
  /** kube-apiserver keeps idle connections for 90 s (Go's DefaultTransport); outlive them. */
  keepAliveTimeoutMilliseconds: 120_000,
  /** Time for running requests on SIGTERM; below the pod's default grace period of 30 s. */
  drainMilliseconds: 20_000,
  /** Idle connections that have not delivered a valid review: probes, relying parties, scanners. */
  strangerKeepAliveMilliseconds: 5_000,
  /** Connections of the admission port; an idle one takes some 50 KiB. */
  maxConnections: 4_096,
  /** Of one address. kube-apiserver judges at most 600 requests at once with its default settings. */
  maxConnectionsOfCaller: 1_024,
  /** Of one address without a valid review: this many are at work, the others wait. */
  maxConnectionsOfStranger: 16,
  /** A starting API server that opens all its connections at once finds room to wait here. */
  maxWaitingConnectionsOfStranger: 640,
  /** Addresses that are remembered for a valid review; API servers, and pods that pose as one. */
  maxKnownAddresses: 1_024,
  /** One Prometheus, and kubelets. */
  maxMetricsConnections: 256,
  /** Names, namespaces, kinds and the uid of a request: DNS subdomains at most (RFC 1123). */
  maxNameCharacters: 253,
  /** Far above what certificates and identity providers are known to put there. */
  maxUsernameCharacters: 4_096,
  /** Keys of labels and annotations in a message: a subdomain, a slash and a name of 63. */
  maxKeyCharacters: 317,
  /** Violations spelt out in one message; the rest is counted. */
  maxReportedViolations: 10,
  /** Items of a list of grants in one message. */
  maxListedGrants: 10,
  /** etcd's limit on all annotations of an object is 256 KiB; ours stays small. */
  maxGrantedBucketsBytes: 4_096,
  /** Linux refuses longer arguments and variables (MAX_ARG_STRLEN, with pages of 4 KiB). */
  maxArgumentCharacters: 128 * 1024,
  /** Text of one workload after expansion: twice what Linux takes per process (ARG_MAX, 2 MiB). */
  maxExpandedCharacters: 4 * 1024 * 1024,
  /** Places in one workload that name a bucket; real ones have a handful, and each is judged and logged. */
  maxBucketReferences: 1_000,
  /** All annotations of an object together, as the API server accepts them. */
  maxAnnotationCharacters: 256 * 1024,
  /** Presigned URLs have some 2,500 characters, object keys at most 1,024 bytes. */
  maxUriCharacters: 8 * 1024,
  /**
   * Effort for the texts of one workload, some 20 ms in all: one step for 16 characters, which is 1.5 MiB, as
   * much as etcd stores, and one for each place that may be a URL or a variable.
   */
  maxReadingSteps: 100_000,
  charactersPerStep: 16,
  stepsOfUrl: 10,
  /** Of an argument, or of a variable that may hold a URL, however short. */
  stepsOfWord: 10,
  /** Of a host in percent-encoding or other than ASCII: IDNA takes some 20 µs. */
  stepsOfUnusualHost: 250,
  /** Containers of one pod, all lists together; the largest of real pods have a few dozen. */
  maxContainers: 300,
  /** Entries of one list in an object without pods; Istio's CRDs allow 4096 endpoints and 256 hosts. */
  maxListEntries: 10_000,
  /** Hosts of one list that IDNA must convert, at some 10 µs each; Istio itself accepts none. */
  maxInternationalNames: 256,
  /** Violations of one rule in one object that are spelt out anywhere; the rest is counted. */
  maxViolationsPerRule: 100,
  /** Violations of one request in its log line; the rest is counted. */
  maxLoggedViolations: 100,
  /** Warnings in one answer; the rest is counted. */
  maxWarnings: 20,
  /** Of the words on one violation; what users write is quoted in them. */
  maxReasonCharacters: 500,
  /** Objects nested deeper are refused: nothing in Kubernetes comes near. */
  maxDepth: 200,
  /** Signed identities kept in memory: one per account, generation and key. */
  maxCachedIdentities: 20_000,
  /** For how long the previous config or tenant generation is still accepted. */
  previousGenerationMilliseconds: 10 * 60 * 1000,
  /** Generations of one tenant, and configs, that are remembered to recognise old attestations. */
  maxRememberedStates: 32,
  /** Least time between two reads for the sake of attestations that nobody here can explain. */
  rereadIntervalMilliseconds: 1_000,
  /** How often watched files are looked at, on file systems without events (ConfigMap mounts). */
  reloadIntervalMilliseconds: 2_000,
  /** For how long an event, bookmark or list vouches for the absence of a claim (docs/decisions/0009). */
  freshnessMilliseconds: 60_000,
  /** Life of one watch: half of the above, so that its end, or a list in its place, comes in time. */
  watchSeconds: 30,
  /** A watch that lives on after its end plus this much has lost its server. */
  watchGraceMilliseconds: 5_000,
  /** One list, read or write, and the head of a watch's answer. */
  clusterRequestMilliseconds: 10_000,
  /** Objects are at most 1.5 MiB in etcd, and somewhat larger as JSON. */
  maxWatchLineBytes: 8 * 1024 * 1024,
  /** Objects per page of a list: client-go's default. */
  listPageSize: 500,
  /** First and longest pause between attempts to reach the API server. */
  minBackoffMilliseconds: 500,
  maxBackoffMilliseconds: 15_000,
  /** Changes that follow each other this closely make one new state; a pod waits at most this long. */
  coalesceMilliseconds: 50,
  /** client-go's leader election: duration of the lease, and how often its holder renews it. */
  leaseSeconds: 15,
  leaseRetryMilliseconds: 5_000,
} as const;

export const serverDefaults = { port: 8443, metricsPort: 9090 } as const;
