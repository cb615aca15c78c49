/** Waiting that ends when the signal says so, for work that cannot be cancelled itself. */

/**
 * Settles as `work` does, or rejects with the signal's reason as soon as it aborts. What `work` does afterwards is dropped,
 * its error included: the caller has had its answer.
 */
export function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    const forget = (): void => signal.removeEventListener('abort', onAbort);
    work.then(resolve, reject).then(forget, forget);
  });
}
