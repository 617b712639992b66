import type { Site } from '../../stores/settings.js';

/** A site as it is shown: secrets are written, never read back; of a provider only that it is set up. */
export function withoutSecrets({ channel_version, ...site }: Site) {
  const { twilio } = site.providers;
  return {
    ...site,
    providers: twilio ? { twilio: { account_sid: twilio.account_sid ?? null, auth_token_set: true } } : {},
  };
}
