/**
 * The bugs that controllers are known for, each as a change of one line of the runtime, and the test that must notice. A test suite that
 * stays green with one of these in it proves nothing.
 */

/** One planted bug. */
export interface PlantedBug {
  /** What goes wrong, in a few words. */
  readonly name: string;
  readonly file: string;
  /** Text that occurs once in the file. */
  readonly find: string;
  readonly replace: string;
  readonly test: PlantedTest;
}

/** A test that must fail with the bug, and pass without. */
export interface PlantedTest {
  readonly project: 'unit' | 'integration';
  readonly file: string;
  /** As in the file, without the names of the blocks around it. */
  readonly name: string;
}

const WATCH_TESTS = 'test/integration/faults-watch.test.ts';
const RESTART_TESTS = 'test/integration/faults-restart.test.ts';
const OPERATOR_TESTS = 'test/integration/faults-operator.test.ts';

const integration = (file: string, name: string): PlantedTest => ({ project: 'integration', file, name });
const unit = (file: string, name: string): PlantedTest => ({ project: 'unit', file, name });

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: 'lost requeue: a key that changed while it was handled is forgotten',
    file: 'operator/runtime/controller/workqueue.ts',
    find: 'if (waiting !== undefined && !this.#shutDown) this.#push(key, waiting.priority);',
    replace: 'if (waiting !== undefined) this.#dirty.delete(key);',
    test: unit(
      'operator/runtime/controller/workqueue.test.ts',
      'never hands out a key that is being handled, and forgets no addition',
    ),
  },
  {
    name: 'identity by name: an object made anew looks like an update of the old one',
    file: 'operator/runtime/cache/store.ts',
    find: 'if (before.metadata.uid === object.metadata.uid) {',
    replace: 'if (before.metadata.name === object.metadata.name) {',
    test: integration(WATCH_TESTS, 'and what was deleted and made anew meanwhile is another object'),
  },
  {
    name: 'cached own write: decisions are made on a cache that is older than our own last write',
    file: 'operator/runtime/controller/controller.ts',
    find: 'if (behind !== undefined) {',
    replace: 'if (behind === "never") {',
    test: unit(
      'operator/runtime/controller/controller.test.ts',
      'waits for its cache to catch up with its own writes',
    ),
  },
  {
    name: 'deaf watch: the first failure ends the reflector',
    file: 'operator/runtime/cache/reflector.ts',
    find: 'if (signal.aborted) return;\n        await this.#recover(error, signal);',
    replace: 'await this.#recover(error, signal);\n        return;',
    test: integration(WATCH_TESTS, 'cut in the middle of a frame'),
  },
  {
    name: 'deaf watch: silence is taken for health',
    file: 'operator/runtime/client/watch-stream.ts',
    find: 'let timer = clock.setTimeout(onQuiet, limitMs);',
    replace: 'let timer = clock.setTimeout(() => undefined, limitMs);',
    test: integration(WATCH_TESTS, 'silent although connected: the inactivity limit ends it'),
  },
  {
    name: 'noisy watch: every failure leads to a list',
    file: 'operator/runtime/cache/reflector.ts',
    find: "return failuresInRow >= MAX_WATCH_FAILURES ? 'list' : 'watch';",
    replace: "return 'list';",
    test: integration(WATCH_TESTS, 'reset while it was quiet'),
  },
  {
    name: 'missing precondition: what the cache does not show is made, whatever is there',
    file: 'operator/runtime/write/bodies.ts',
    find: 'return withMetadata(intent, { resourceVersion: NOTHING_IS_THERE });',
    replace: 'return withMetadata(intent, {});',
    test: integration(
      RESTART_TESTS,
      'before an API server that shows no child yet: makes and deletes nothing',
    ),
  },
  {
    name: 'finalizer removed first: a failed clean-up leaves what is outside the cluster behind for ever',
    file: 'operator/runtime/write/finalizer.ts',
    find: 'await cleanUp(object, signal);\n    try {',
    replace: 'try {',
    test: integration(
      'test/integration/runtime-finalizer.test.ts',
      'stays while the clean-up fails, and the object with it',
    ),
  },
  {
    name: 'missing retry: a busy API server is a failed reconcile',
    file: 'operator/runtime/client/retry.ts',
    find: 'if (failed.code === 429) return',
    replace: 'if (failed.code === 1429) return',
    test: integration(OPERATOR_TESTS, 'wait as long as Retry-After says'),
  },
  {
    name: 'write after every look: the status is applied although it is the same',
    file: 'operator/runtime/write/object-writer.ts',
    find: 'const changed = isSameJson(status, live) ?',
    replace: 'const changed = isSameJson(status, undefined) ?',
    test: integration(RESTART_TESTS, 'with nothing changed writes nothing, and asks for each kind once'),
  },
  {
    name: 'two leaders: one that could not renew goes on',
    file: 'operator/runtime/election/elector.ts',
    find: 'if (ageMs > this.#deadlineMs) {',
    replace: 'if (ageMs > this.#deadlineMs * 1000) {',
    test: integration(
      'test/integration/faults-lease.test.ts',
      'because the API server fails: the leader ends in time',
    ),
  },
];
