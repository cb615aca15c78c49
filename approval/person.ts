/** Who somebody is: what persons are told apart by. */

/** A user, as the API server authenticated them. */
export interface AuthenticatedUser {
  readonly username: string;
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/**
 * @param personKey the key of `extra` that names a person whatever they are called; empty for the username.
 * @returns the person; never compare empty ones.
 */
export function personOf({ username, extra }: AuthenticatedUser, personKey: string): string {
  if (personKey === '') return username;
  return extra?.[personKey]?.[0] || username;
}

/** Whether it is the username of a ServiceAccount. */
export function isServiceAccount(username: string): boolean {
  return username.startsWith('system:serviceaccount:');
}
