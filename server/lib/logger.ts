import { type Logger, pino, stdSerializers } from 'pino';
import { maskPhones } from './phone.js';

/** An error for the log: whatever it quotes, phone numbers in it are masked. */
function err(error: Error) {
  const { type, message, stack, ...rest } = stdSerializers.err(error);
  const extras = Object.fromEntries(
    Object.entries(rest).filter(([key]) =>
      ['code', 'severity', 'constraint', 'table', 'syscall'].includes(key),
    ),
  );
  return { type, message: maskPhones(message), stack: maskPhones(stack), ...extras };
}

/** The log: JSON lines on stdout. Nothing logs a body or a header, so no secret can get in. */
export const createLogger = (level: string): Logger =>
  pino({ level, serializers: { err }, base: { pid: process.pid } });
