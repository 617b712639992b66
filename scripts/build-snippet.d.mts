import type { SnippetConfig } from '../shared/events.js';

export function buildSnippet(options: { version: string }): Promise<{ code: string }>;
export function serveSnippet(code: string, config: SnippetConfig | null): string;
export function sizes(text: string): { raw: number; gzip: number; brotli: number };
