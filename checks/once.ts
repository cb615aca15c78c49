/**
 * What follows from a policy, or from a subject, follows from it each time: for each admission fifty policies with hundreds of patterns ask
 * about one server, and they change once a month.
 */

/** @returns `make`, which is asked once for each object and forgets with it. What it is asked about must not change afterwards. */
export function oncePer<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new WeakMap<Key, { readonly value: Value }>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined) return known.value;
    const value = make(key);
    made.set(key, { value });
    return value;
  };
}
