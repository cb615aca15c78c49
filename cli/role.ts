/**
 * A role is a subcommand that runs until it is told to stop, such as `operator`. Who wires the process hands the roles in: the
 * command line knows their flags and nothing of what they do.
 */
import { Command, Option } from 'commander';

/** One flag of a role. Values stay text here: the role's own settings know their types and check them. */
export interface RoleFlag {
  /** The setting's key, such as `leaderElect`. */
  readonly key: string;
  /** Such as `--leader-elect`. */
  readonly flag: string;
  /** What the value is called in the help, such as `ADDRESS`. Absent for a switch: the flag alone means `true`. */
  readonly value?: string;
  readonly description: string;
  /** The default as the help shows it. */
  readonly defaultText?: string;
}

/** Flag values by key; absent when the flag was not given. */
type RoleFlagValues = Readonly<Record<string, string | undefined>>;

export interface Role {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly RoleFlag[];
  /** Lines of the help, each a command with a `#` comment. `%s` stands for the program's name. */
  readonly examples: readonly string[];
  /**
   * Runs until `signal` aborts or there is nothing left to do.
   * @returns the exit code.
   * @throws ConfigError when a flag or a file that it names cannot be used.
   */
  run(flags: RoleFlagValues, signal: AbortSignal): Promise<number>;
}

/** @param done receives the exit code. */
export function roleCommand(role: Role, signal: AbortSignal, done: (code: number) => void): Command {
  const command = new Command(role.name).description(role.summary);
  for (const flag of role.flags) command.addOption(option(flag));
  return command.action(async () => {
    const values = command.opts<Record<string, string | true | undefined>>();
    const given = role.flags.flatMap(({ key, flag }) => {
      const value = values[new Option(flag).attributeName()];
      return value === undefined ? [] : [[key, String(value)] as const];
    });
    done(await role.run(Object.fromEntries(given), signal));
  });
}

function option({ flag, value, description, defaultText }: RoleFlag): Option {
  const shown = defaultText === undefined ? description : `${description} (default: ${defaultText})`;
  // A switch takes `=false` too, as the flags of Kubernetes' own programs do.
  return value === undefined
    ? new Option(`${flag} [boolean]`, shown)
    : new Option(`${flag} <${value}>`, shown);
}
