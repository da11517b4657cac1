import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Action } from '../declaration/schema.ts';
import type { TenantCounts } from '../tenant/tenant-state.ts';
import type { DecisionWord, NoDecision, WebhookName } from './decision-log.ts';

/** What can be reloaded while the server runs. */
export type ReloadSource = 'policy' | 'certificate' | 'signing-keys';

/** The numbers of one server; docs/operate.md explains each. */
export interface Metrics {
  readonly contentType: string;
  /** All numbers in the text format Prometheus reads. */
  render(): Promise<string>;
  countRequest(request: CountedRequest): void;
  countViolation(rule: string, action: Action): void;
  countMalformed(status: number): void;
  countFailure(reason: Exclude<NoDecision, 'malformed'>): void;
  countReload(source: ReloadSource, isAccepted: boolean): void;
  setTenants(counts: TenantCounts): void;
  setSigningKeys(count: number): void;
  /** Rules that deny nothing under the config in force. */
  setSoftenedRules(count: number): void;
  /** Entries of the validating webhook that admit what they cannot ask about, at start. */
  setFailOpenEntries(count: number): void;
  countWatchFailure(resource: string): void;
  /** Given a cluster; `provenAt` says until when its tenants are known, in milliseconds since 1970. */
  observeTenantView(provenAt: () => number): void;
  setCertificateExpiry(expiry: Date): void;
  /** What is in flight; asked when somebody reads the metrics. */
  observeLoad(load: { readonly bodyBytes: () => number; readonly connections: () => number }): void;
}

/** One answered request. */
export interface CountedRequest {
  readonly webhook: WebhookName;
  /** "" when the request could not be read that far. */
  readonly operation: string;
  readonly decision: DecisionWord;
  readonly seconds: number;
}

/** From well below a cached answer to the API server's longest timeout of 30 s. */
const durationBucketsSeconds = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

/** Creates the metrics of one server in a registry of their own: two servers share nothing. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: 'bucketwarden_requests_total',
    help: 'Admission requests by webhook, operation and decision.',
    labelNames: ['webhook', 'operation', 'decision'] as const,
    registers,
  });
  const durations = new Histogram({
    name: 'bucketwarden_request_duration_seconds',
    help: 'Time from the head of an admission request to its answer.',
    labelNames: ['webhook'] as const,
    buckets: durationBucketsSeconds,
    registers,
  });
  const violations = new Counter({
    name: 'bucketwarden_violations_total',
    help: 'Violations by rule and by what followed from them.',
    labelNames: ['rule', 'action'] as const,
    registers,
  });
  const malformed = new Counter({
    name: 'bucketwarden_malformed_requests_total',
    help: 'Admission requests that could not be read, by HTTP status.',
    labelNames: ['status'] as const,
    registers,
  });
  const failures = new Counter({
    name: 'bucketwarden_failures_total',
    help: 'Admission requests left without a decision; failurePolicy decided.',
    labelNames: ['reason'] as const,
    registers,
  });
  const reloads = new Counter({
    name: 'bucketwarden_reloads_total',
    help: 'Changes of watched files by source, accepted or refused.',
    labelNames: ['source', 'result'] as const,
    registers,
  });
  const watchFailures = new Counter({
    name: 'bucketwarden_watch_failures_total',
    help: 'Lists and watches of the cluster that failed, by resource.',
    labelNames: ['resource'] as const,
    registers,
  });
  const tenants = new Gauge({
    name: 'bucketwarden_tenants',
    help: 'Declared tenants by state: ready, in conflict with another tenant, or invalid.',
    labelNames: ['state'] as const,
    registers,
  });
  const gauge = (name: string, help: string): Gauge =>
    new Gauge({ name: `bucketwarden_${name}`, help, registers });
  const observe = (name: string, { help, read }: { help: string; read: () => number }): void => {
    new Gauge({
      name: `bucketwarden_${name}`,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  };
  const signingKeys = gauge('signing_keys', 'Keys that verify attestations; the first one signs.');
  const softenedRules = gauge(
    'rules_without_deny',
    'Rules that deny nothing under the config in force.',
  );
  const failOpenEntries = gauge(
    'fail_open_webhooks',
    'Entries of the ValidatingWebhookConfiguration that failed open when this replica started.',
  );
  // Unknown without a cluster, and when it cannot be read.
  failOpenEntries.set(NaN);
  const expiry = gauge(
    'certificate_expiry_timestamp_seconds',
    'When the serving certificate expires.',
  );
  return {
    contentType: Registry.PROMETHEUS_CONTENT_TYPE,
    render: () => registry.metrics(),
    countRequest({ webhook, operation, decision, seconds }) {
      requests.inc({ webhook, operation, decision });
      durations.observe({ webhook }, seconds);
    },
    countViolation(rule, action) {
      violations.labels(rule, action).inc();
    },
    countMalformed(status) {
      malformed.labels(String(status)).inc();
    },
    countFailure(reason) {
      failures.labels(reason).inc();
    },
    countReload(source, isAccepted) {
      reloads.labels(source, isAccepted ? 'accepted' : 'refused').inc();
    },
    setTenants(counts) {
      for (const [state, count] of Object.entries(counts)) tenants.set({ state }, count);
    },
    setSoftenedRules(count) {
      softenedRules.set(count);
    },
    setFailOpenEntries(count) {
      failOpenEntries.set(count);
    },
    setSigningKeys(count) {
      signingKeys.set(count);
    },
    countWatchFailure(resource) {
      watchFailures.labels(resource).inc();
    },
    observeTenantView(provenAt) {
      observe('tenants_proven_timestamp_seconds', {
        help: 'Until when the tenants are known to be all there are.',
        read: () => Math.max(0, provenAt()) / 1000,
      });
    },
    observeLoad({ bodyBytes, connections }) {
      observe('request_body_bytes', {
        help: 'Bytes of request bodies in flight.',
        read: bodyBytes,
      });
      observe('connections', {
        help: 'Open connections of the admission port, waiting ones included.',
        read: connections,
      });
    },
    setCertificateExpiry(date) {
      expiry.set(date.getTime() / 1000);
    },
  };
}
