/**
 * What follows from a policy, or from a subject, follows from it each time: for each admission fifty policies with hundreds of patterns ask
 * about one server, and they change once a month.
 */

/**
 * For what stays, such as a policy.
 * @returns `make`, which is asked once for each object and forgets with it. What it is asked about must not change afterwards.
 */
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

/**
 * The same for what is gone in a moment, such as the subject of one admission: the value stays with the object itself, where a copy of the object does
 * not take it along; so it must not be frozen. In a WeakMap, V8 would keep the values of objects that died young until its next full collection, and they would bring that about.
 */
export function onceOn<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made: unique symbol = Symbol('made');
  return (key: Key & { readonly [made]?: { readonly value: Value } }) => {
    const known = key[made];
    if (known !== undefined) return known.value;
    const value = make(key);
    Object.defineProperty(key, made, { value: { value }, enumerable: false });
    return value;
  };
}
