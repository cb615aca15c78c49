/** Settings of the webhook that is told what becomes of requests for approval. Loads no HTTP client: a process without one pays nothing. */
import { Type, type Static } from 'typebox';
import { ConfigError } from '../../core/errors.ts';

const file = (description: string) => Type.String({ description, default: '' });

/** The settings under `notifications`. */
export const NotificationSettingsSchema = Type.Object(
  {
    url: Type.String({
      description:
        'Whom to tell what becomes of requests for approval, with `https://` and without credentials: each change is posted there as a CloudEvent. Empty: nobody. It needs a store.',
      pattern: '^(https://[^\\s@]+)?$',
      default: '',
    }),
    secretFile: file(
      'File with the secret that signs deliveries: `whsec_` and 24 to 64 bytes in base64, as Standard Webhooks has it. With several, one a line, each signs, so that a secret can be replaced without a gap. Read anew for each delivery.',
    ),
    caFile: file(
      "PEM file of the authorities that are trusted; read anew for each delivery. Empty: the system's.",
    ),
    source: Type.String({
      description:
        'What events name as their source: tells the clusters apart that notify the same receiver. A URI reference.',
      pattern: '^[^\\s"<>\\\\^`{|}]+$',
      maxLength: 256,
      default: '/mcp-operator',
    }),
  },
  { description: 'Notifications about approval.', default: {}, additionalProperties: false },
);

/** Complete settings; whether they go together is what {@link checkNotificationSettings} says. */
export type NotificationSettings = Readonly<Static<typeof NotificationSettingsSchema>>;

/** @throws ConfigError naming the setting that is missing, and the fix. */
export function checkNotificationSettings(
  { url, secretFile }: NotificationSettings,
  { hasStore }: { readonly hasStore: boolean },
): void {
  if (url === '') return;
  if (!URL.canParse(url))
    throw new ConfigError('notifications.url: write a URL such as https://example.com/hook');
  if (secretFile === '')
    throw new ConfigError('notifications.secretFile: name the file with the secret that signs deliveries');
  if (!hasStore)
    throw new ConfigError(
      'notifications.url: needs a store, which keeps what is not delivered yet: set store.mode',
    );
}
