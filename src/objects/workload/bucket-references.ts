import type { FieldPath } from '../../admission/field-path.ts';
import { isRecord, listOf, recordOf, textOf, valueAt } from '../../admission/json.ts';
import { parseBucketRequests } from '../../bucket/bucket-request.ts';
import { limits } from '../../limits.ts';
import { annotations } from '../../names.ts';
import type { Settings } from '../../settings/settings.ts';
import { CommandLineReader } from './command-line.ts';
import { containerLists, containersOf, type Container } from './containers.ts';
import { readEnvironment, type EnvironmentEntry } from './environment.ts';
import type { Variables } from './expansion.ts';
import { Findings, type BucketReferences } from './findings.ts';
import { annotationOf, type Workload } from './pod-template.ts';
import { createReadingBudget } from './reading-budget.ts';
import { TextReader, type Reading } from './text-reader.ts';
import { visitTexts } from './visit-texts.ts';

/** Reads every place where a workload can name a bucket or hold a key; see docs/how-it-works.md. */
export function findBucketReferences(workload: Workload, settings: Settings): BucketReferences {
  const findings = new Findings();
  const reader = new WorkloadReader(workload, {
    settings,
    findings,
    budget: createReadingBudget(),
  });
  reader.read();
  return findings;
}

const readAsContainers: ReadonlySet<string> = new Set(containerLists);
const readByName: ReadonlySet<string> = new Set(['env', 'envFrom', 'command', 'args', 'image']);

/** Fields of a container that hold a command line which the kubelet runs as it is. */
const execPaths = [
  ['lifecycle', 'postStart', 'exec', 'command'],
  ['lifecycle', 'preStop', 'exec', 'command'],
  ['livenessProbe', 'exec', 'command'],
  ['readinessProbe', 'exec', 'command'],
  ['startupProbe', 'exec', 'command'],
] as const;

class WorkloadReader {
  readonly #workload: Workload;
  readonly #reading: Reading;
  readonly #texts: TextReader;
  readonly #commandLines: CommandLineReader;

  constructor(workload: Workload, reading: Reading) {
    this.#workload = workload;
    this.#reading = reading;
    this.#texts = new TextReader(reading);
    this.#commandLines = new CommandLineReader(reading, this.#texts);
  }

  read(): void {
    const workload = this.#workload;
    this.#readAnnotation();
    for (const container of containersOf(workload)) this.#readContainer(container);
    visitTexts(workload.spec, workload.specPath, {
      skip: readAsContainers,
      visit: (text, path) => {
        if (this.#texts.canRead(text, { path })) this.#texts.readText(text, { path });
      },
    });
  }

  #readAnnotation(): void {
    const text = annotationOf(this.#workload, annotations.buckets);
    if (text === undefined) return;
    const { findings } = this.#reading;
    const path = [...this.#workload.metadataPath, 'annotations', annotations.buckets];
    if (text.length > limits.maxAnnotationCharacters) {
      findings.addUnread('length', path);
      return;
    }
    const { requests, unreadable } = parseBucketRequests(text);
    for (const { bucket, access } of requests) {
      findings.addKnown({ bucket, access, path, key: '', isOpenKey: false });
    }
    for (const entry of unreadable) findings.addUnreadable(entry, path);
  }

  #readContainer(container: Container): void {
    const surroundings = { workload: this.#workload, budget: this.#reading.budget };
    const { entries, variables } = readEnvironment(container, surroundings);
    for (const entry of entries) this.#readVariable(entry, { container, variables });
    this.#readConfigMaps(container);
    this.#readCommandLines(container, variables);
    visitTexts(container.value, container.path, {
      skip: readByName,
      visit: (text, path) => {
        if (isExecCommand(path) || !this.#texts.canRead(text, { path })) return;
        this.#texts.readText(text, { path, variables });
      },
    });
  }

  #readVariable(entry: EnvironmentEntry, { container, variables }: Inside): void {
    const { name, index, value, literal, source } = entry;
    const isNamed = this.#reading.settings.detection.isBucketVariable(name);
    const text = value ?? literal;
    if (!isNamed && (text === undefined || !/[/:=]/.test(text))) return;
    const path = container.path.concat('env', index, source === undefined ? 'value' : 'valueFrom');
    const place = { path, variables };
    if (text === undefined) this.#reading.findings.addUnknown(path);
    else if (!this.#texts.canRead(text, place)) return;
    else if (value === undefined) this.#reading.findings.addUnread('expansion', path);
    else if (isNamed) this.#commandLines.readNames(value, place);
    else this.#texts.readWord(value, place);
  }

  /** Variables of a ConfigMap taken as a whole cannot be seen here, and the annotation replaces them. */
  #readConfigMaps({ value, path }: Container): void {
    if (annotationOf(this.#workload, annotations.buckets) !== undefined) return;
    listOf(value['envFrom']).forEach((item, index) => {
      const reference = recordOf(item)['configMapRef'];
      if (!isRecord(reference)) return;
      const place = [...path, 'envFrom', index, 'configMapRef'];
      this.#reading.findings.addHidden(textOf(reference['name']) ?? '', place);
    });
  }

  /** The container runs `command` and `args` as one list: a flag may end one and its value begin the other. */
  #readCommandLines({ value, path }: Container, variables: Variables): void {
    const command = listOf(value['command']);
    const placeOf = (index: number): FieldPath =>
      index < command.length
        ? [...path, 'command', index]
        : [...path, 'args', index - command.length];
    const words = [...command, ...listOf(value['args'])];
    this.#commandLines.read({ words, placeOf, variables, isExpanded: true });
    for (const keys of execPaths) {
      if (value[keys[0]] === undefined) continue;
      const exec = listOf(valueAt(value, keys));
      const place = (index: number): FieldPath => [...path, ...keys, index];
      this.#commandLines.read({ words: exec, placeOf: place, variables, isExpanded: false });
    }
  }
}

/** Those have been read as command lines. */
function isExecCommand(path: FieldPath): boolean {
  return path.at(-2) === 'command' && path.at(-3) === 'exec';
}

interface Inside {
  readonly container: Container;
  readonly variables: Variables;
}
