/**
 * The metadata of an object as JSON has it. (The client library's own type turns times into `Date`, which no object from a
 * watch holds.)
 */

/** The part of metav1.ObjectMeta that anybody here reads. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
}
