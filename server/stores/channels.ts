import type { ChannelRule } from './settings.js';

/** What is stored of an arrival that its channel is told by. */
export interface StoredArrival {
  source: string;
  medium: string | null;
  campaign: string | null;
  /** null: came to no page. */
  landing_page_url: string | null;
  referring_url: string | null;
  click_ids: Record<string, string> | null;
}

/** The rule by which an arrival has its channel (domain/sources/stored-channel.ts). */
export type DeriveChannel = (rules: readonly ChannelRule[], arrival: StoredArrival) => string;

export interface ChannelStore {
  /**
   * Derives anew the channels of some hundred rows of a site whose rules have changed. Each step is kept, so that any
   * server goes on where one stopped; one at a time has a site. False: there is nothing to do now.
   */
  deriveSome(): Promise<boolean>;
}
