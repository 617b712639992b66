/** What has been taken, to be given back in reverse: when the service stops, or a later step of its start fails. */
export type Undo = (() => Promise<unknown> | unknown)[];
